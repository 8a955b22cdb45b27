import type { RunPrediction } from '#client/browser';
import { Button, Group, List, Modal, Stack, Text } from '@mantine/core';
import { Foreign } from '../page/foreign.js';
import { RiskMeter } from '../risk/risk-meter.js';
import { factorWords } from './prediction.rules.js';

const MAIN = 3;

/** The second question before a run that is not recommended, or that nobody could predict. Cancel is what Enter does. */
export const ProceedDialog = ({
  opened,
  close,
  prediction,
  proceed,
}: {
  opened: boolean;
  close: () => void;
  /** Null: there is none. */
  prediction: RunPrediction | null;
  proceed: () => void;
}) => (
  <Modal
    opened={opened}
    onClose={close}
    centered
    title={prediction ? 'High risk: execution not recommended' : 'Run without a prediction?'}
  >
    <Stack>
      {prediction ? (
        <>
          <RiskMeter label="Predicted risk" risk={prediction.predicted_risk} />
          <div>
            <Text size="sm">It is this high mainly because of:</Text>
            <List size="sm" mt={4}>
              {prediction.factors.slice(0, MAIN).map(({ name, evidence }) => (
                <List.Item key={name + evidence}>
                  {factorWords(name)}: <Foreign text={evidence} />
                </List.Item>
              ))}
            </List>
          </div>
          <Text size="sm">
            Policy still decides about the run and every action in it. Proceeding stands in the record under your name.
          </Text>
        </>
      ) : (
        <Text size="sm">
          Nobody has foreseen what this task may risk. Policy still decides about the run and every action in it.
        </Text>
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={close} data-autofocus>
          Cancel
        </Button>
        <Button color="red" onClick={proceed}>
          Proceed anyway
        </Button>
      </Group>
    </Stack>
  </Modal>
);
