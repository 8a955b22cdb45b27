import { runService } from '#service';
import { prediction } from './definition.js';

await runService(prediction);
