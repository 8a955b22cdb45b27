import type { Execution } from '#client/browser';
import { Text } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { Ago } from '../page/ago.js';
import { Duration } from '../page/duration.js';
import { Foreign } from '../page/foreign.js';
import { RiskBadge } from '../risk/risk-badge.js';
import type { Column } from '../table/data-table.js';
import { StatusBadge } from './status-badge.js';

const Task = ({ id, task_description }: Execution) => (
  // The row is the tab stop; its link is for pointers and for who reads link by link.
  <Link to="/executions/$id" params={{ id }} data-row tabIndex={-1}>
    <Text size="sm" fw={500} component="div">
      <Foreign text={task_description} clamp={2} />
    </Text>
  </Link>
);

const Name = ({ text }: { text: string }) => (
  <Text size="sm" c="dimmed" component="div">
    <Foreign text={text} clamp={1} />
  </Text>
);

const Took = ({ started_at, finished_at }: Execution) => (
  <Text size="sm" span>
    {started_at ? <Duration from={started_at} to={finished_at ?? null} /> : <span title="It has not started">–</span>}
  </Text>
);

export const executionColumns: Column<Execution>[] = [
  {
    title: 'Status',
    width: '168px',
    cell: ({ status, paused_reason }) => <StatusBadge status={status} pausedReason={paused_reason} />,
  },
  { title: 'Task', width: 'minmax(160px, 3fr)', cell: (execution) => <Task {...execution} />, headline: true },
  { title: 'Agent', width: 'minmax(80px, 1fr)', from: 680, cell: ({ agent_id }) => <Name text={agent_id} /> },
  {
    title: 'Submitted by',
    width: 'minmax(90px, 1fr)',
    from: 980,
    cell: ({ principal }) => <Name text={principal.name} />,
  },
  { title: 'Risk', width: '104px', cell: ({ risk_score }) => <RiskBadge risk={risk_score} /> },
  {
    title: 'Started',
    width: '88px',
    cell: ({ started_at, created_at }) => (
      <Text size="sm" span className="tabular">
        <Ago at={started_at ?? created_at} />
      </Text>
    ),
  },
  { title: 'Duration', width: '92px', from: 560, align: 'end', cell: (execution) => <Took {...execution} /> },
];
