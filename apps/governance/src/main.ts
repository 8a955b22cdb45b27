import { runService } from '#service';
import { governance } from './definition.js';

await runService(governance);
