import { Button } from '@mantine/core';
import { Link, useNavigate, useSearch } from '@tanstack/react-router';
import { ListChecks, Play, SearchX } from 'lucide-react';
import { api } from '../data/api.js';
import { EXECUTIONS } from '../data/keys.js';
import { Empty } from '../page/empty.js';
import { Page } from '../page/page.js';
import { Read } from '../page/read.js';
import { useMay } from '../session/use-me.js';
import { DataTable } from '../table/data-table.js';
import { usePages } from '../table/use-pages.js';
import { executionColumns } from './execution-columns.js';
import { isFiltered, queryOf } from './execution-filters.rules.js';
import { ExecutionFilterBar } from './execution-filter-bar.js';

const PAGE = 100;

/** Every run of the team, newest first, as it goes. */
export const ExecutionsPage = () => {
  const { approval: _elsewhere, ...filters } = useSearch({ from: '/executions' });
  const navigate = useNavigate();
  const mayRun = useMay('execution.submit');
  const asked = queryOf(filters);
  const { query, more } = usePages([...EXECUTIONS, 'list', asked], (cursor) =>
    api.executions.list({ ...asked, limit: PAGE, ...(cursor && { cursor }) }),
  );
  return (
    <Page
      title="Executions"
      description="Every run: what was predicted, decided, done, verified and undone."
      actions={mayRun && <RunButton />}
      wide
    >
      <ExecutionFilterBar filters={filters} />
      <Read query={query} rows={10}>
        {(executions) =>
          executions.length === 0 ? (
            <Nothing filtered={isFiltered(filters)} mayRun={mayRun} />
          ) : (
            <DataTable
              label="Executions"
              rows={executions}
              columns={executionColumns}
              rowKey={({ id }) => id}
              open={({ id }) => void navigate({ to: '/executions/$id', params: { id } })}
              more={more}
            />
          )
        }
      </Read>
    </Page>
  );
};

const RunButton = ({ children = 'New run' }: { children?: string }) => (
  <Button leftSection={<Play size={16} aria-hidden />} renderRoot={(props) => <Link to="/run" {...props} />}>
    {children}
  </Button>
);

const Nothing = ({ filtered, mayRun }: { filtered: boolean; mayRun: boolean }) => {
  if (filtered) {
    return (
      <Empty icon={SearchX} title="No run is like that">
        Nothing in this team matches these filters.
        <div>
          <Button mt="md" variant="default" renderRoot={(props) => <Link to="/executions" search={{}} {...props} />}>
            Clear the filters
          </Button>
        </div>
      </Empty>
    );
  }
  return (
    <Empty icon={ListChecks} title={mayRun ? 'Start your first run' : 'No run yet'}>
      {mayRun ? (
        <>
          Describe a task, see its risk, and watch every action with what it promised and what it did.
          <div style={{ marginTop: 16 }}>
            <RunButton>Start a run</RunButton>
          </div>
        </>
      ) : (
        'Nobody in this team has run anything. Running needs the role operator or admin; what they start shows up here by itself.'
      )}
    </Empty>
  );
};
