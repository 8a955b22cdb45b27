import { Group, Text } from '@mantine/core';
import classes from './risk-meter.module.css';
import { RiskBadge } from './risk-badge.js';

/** A risk on its scale, with the limits of the bands marked and, where there is one, the interval it lies in. */
export const RiskMeter = ({
  label,
  risk,
  interval,
}: {
  label: string;
  risk: number;
  /** Lower and upper limit, 0..1. */
  interval?: readonly [number, number] | null;
}) => (
  <div>
    <Group justify="space-between" mb={4}>
      <Text size="sm" c="dimmed">
        {label}
      </Text>
      <RiskBadge risk={risk} />
    </Group>
    <div
      className={classes.scale}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={1}
      aria-valuenow={Number(risk.toFixed(2))}
    >
      <span className={classes.needle} style={{ left: `${risk * 100}%` }} />
    </div>
    {interval && (
      <div className={classes.interval} aria-hidden>
        <span style={{ left: `${interval[0] * 100}%`, width: `${(interval[1] - interval[0]) * 100}%` }} />
      </div>
    )}
  </div>
);
