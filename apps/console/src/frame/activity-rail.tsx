import { Anchor, Box, ScrollArea, Text, Timeline } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { CircleCheck, Flag, MessageCircleQuestion, Play } from 'lucide-react';
import { api } from '../data/api.js';
import { ACTIVITY } from '../data/keys.js';
import { Ago } from '../page/ago.js';
import { Foreign } from '../page/foreign.js';
import { Read } from '../page/read.js';
import { useMay } from '../session/use-me.js';
import { activityOf } from './activity.rules.js';

const SHOWN = 25;
const ICONS = { submitted: Play, ended: Flag, asked: MessageCircleQuestion, answered: CircleCheck } as const;

/** The last events of the team, as they happen. */
export const ActivityRail = () => {
  const mayApprove = useMay('approval.read');
  const activity = useQuery({
    queryKey: ACTIVITY,
    queryFn: async () => {
      const [executions, approvals] = await Promise.all([
        api.executions.list({ limit: SHOWN }),
        mayApprove ? api.approvals.list({ limit: SHOWN }) : { items: [] },
      ]);
      return activityOf(executions.items, approvals.items, SHOWN);
    },
  });
  return (
    <ScrollArea h="100%" type="auto">
      <Box p="md">
        <Text component="h2" size="sm" fw={600} mb="sm">
          Activity
        </Text>
        <Read query={activity}>
          {(events) =>
            events.length === 0 ? (
              <Text size="sm" c="dimmed">
                Nothing has happened in this team yet.
              </Text>
            ) : (
              <Timeline bulletSize={22} lineWidth={1}>
                {events.map(({ key, at, kind, sentence, about, execution_id }) => {
                  const Icon = ICONS[kind];
                  return (
                    <Timeline.Item key={key} mt="sm" bullet={<Icon size={12} aria-hidden />}>
                      <Text size="xs">
                        {sentence}{' '}
                        <Text span c="dimmed" inherit>
                          <Ago at={at} />
                        </Text>
                      </Text>
                      <Anchor
                        size="xs"
                        lineClamp={2}
                        renderRoot={(props) => <Link to="/executions/$id" params={{ id: execution_id }} {...props} />}
                      >
                        <Foreign text={about} />
                      </Anchor>
                    </Timeline.Item>
                  );
                })}
              </Timeline>
            )
          }
        </Read>
      </Box>
    </ScrollArea>
  );
};
