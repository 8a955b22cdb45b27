import { Text } from '@mantine/core';
import { bandOf } from './risk.rules.js';

/** A risk in 0..1 with the name of its band: never told by colour alone. */
export const RiskBadge = ({ risk, compact }: { risk: number; compact?: boolean }) => {
  const band = bandOf(risk);
  return (
    <Text span fw={600} size="sm" c={`var(--${band})`} className="tabular" title={`risk ${risk.toFixed(2)}, ${band}`}>
      {risk.toFixed(2)}
      {compact ? <span className="sr-only"> {band}</span> : ` ${band}`}
    </Text>
  );
};
