export { narrate, type NarratedFrame, Narrator } from './narrate.js';
