import { Anchor } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from '@tanstack/react-router';
import { api } from '../data/api.js';
import { EXECUTION } from '../data/keys.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { ExecutionMonitor } from './execution-monitor.js';

/** One run: live while it goes on, and its whole record afterwards. */
export const ExecutionPage = () => {
  const { id } = useParams({ from: '/executions/$id' });
  const execution = useQuery({ queryKey: [...EXECUTION, id], queryFn: () => api.executions.get(id) });
  if (execution.data === undefined) {
    return (
      <Page title="Execution" wide>
        <Read query={execution}>{() => null}</Read>
        {execution.error !== null && (
          <Anchor size="sm" renderRoot={(props) => <Link to="/executions" {...props} />}>
            To all executions
          </Anchor>
        )}
      </Page>
    );
  }
  return <ExecutionMonitor key={id} query={{ ...execution, data: execution.data }} />;
};
