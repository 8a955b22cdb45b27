import { runService } from '#service';
import { executor } from './definition.js';

await runService(executor);
