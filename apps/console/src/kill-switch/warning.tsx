import { Alert } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { Foreign } from '../page/foreign.js';

/** What to look twice at; it may name what somebody typed. */
export const Warning = ({ text }: { text: string }) => (
  <Alert role="status" color="yellow" variant="light" icon={<TriangleAlert size={18} aria-hidden />} p="xs">
    <Foreign text={text} />
  </Alert>
);
