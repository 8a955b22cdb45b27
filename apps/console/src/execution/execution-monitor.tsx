import { Tabs } from '@mantine/core';
import type { ExecutionResult } from '#client/browser';
import { ChartLine, Clock, FileDiff, ListTree, NotebookText } from 'lucide-react';
import { Failure } from '../page/failure.js';
import { visible } from '../page/foreign.rules.js';
import { Page } from '../page/page.js';
import { ChangesTab } from './changes-tab.js';
import { DetailsTab } from './details-tab.js';
import { ExecutionBanners } from './execution-banners.js';
import { ExecutionControls } from './execution-controls.js';
import { ExecutionHeader } from './execution-header.js';
import classes from './execution-monitor.module.css';
import { RiskTab } from './risk-tab.js';
import { TimelineTab } from './timeline-tab.js';
import { TraceView } from './trace-view.js';
import { useHistory } from './use-history.js';
import { useTrace } from './use-trace.js';

const TITLE_CHARACTERS = 160;

const titleOf = (task: string): string => {
  const line = visible(task.trim().split('\n', 1)[0] ?? '');
  return line.length <= TITLE_CHARACTERS ? line : `${line.slice(0, TITLE_CHARACTERS - 1)}…`;
};

/** The monitor of a run that has been read. */
export const ExecutionMonitor = ({
  query,
}: {
  query: { data: ExecutionResult; error: unknown; refetch: () => unknown };
}) => {
  const { trace, execution } = useTrace(query.data);
  const history = useHistory(execution.id, trace.store);
  return (
    <Page
      title={titleOf(execution.task_description)}
      wide
      actions={<ExecutionControls trace={trace} execution={execution} />}
    >
      {query.error !== null && <Failure error={query.error} retry={() => void query.refetch()} />}
      <ExecutionBanners execution={execution} />
      <ExecutionHeader execution={execution} />
      <Tabs defaultValue="trace" keepMounted={false}>
        <Tabs.List className={classes.tabs}>
          <Tabs.Tab value="trace" leftSection={<ListTree size={15} aria-hidden />}>
            Trace
          </Tabs.Tab>
          <Tabs.Tab value="changes" leftSection={<FileDiff size={15} aria-hidden />}>
            Changes
          </Tabs.Tab>
          <Tabs.Tab value="risk" leftSection={<ChartLine size={15} aria-hidden />}>
            Risk and findings
          </Tabs.Tab>
          <Tabs.Tab value="timeline" leftSection={<Clock size={15} aria-hidden />}>
            Timeline
          </Tabs.Tab>
          <Tabs.Tab value="details" leftSection={<NotebookText size={15} aria-hidden />}>
            Details
          </Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="trace">
          <TraceView trace={trace} execution={execution} />
        </Tabs.Panel>
        <Tabs.Panel value="changes" pt="md">
          <ChangesTab trace={trace} />
        </Tabs.Panel>
        <Tabs.Panel value="risk" pt="md">
          <RiskTab trace={trace} execution={execution} history={history} />
        </Tabs.Panel>
        <Tabs.Panel value="timeline" pt="md">
          <TimelineTab trace={trace} history={history} />
        </Tabs.Panel>
        <Tabs.Panel value="details" pt="md">
          <DetailsTab execution={execution} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
};
