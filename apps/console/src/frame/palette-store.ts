import { createSpotlight } from '@mantine/spotlight';

/** Whether the palette is open: known before the palette itself has been loaded. */
export const [paletteStore, palette] = createSpotlight();
