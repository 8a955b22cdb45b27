/** A colour with a meaning, by its variable in the theme. */
export type Tone = 'low' | 'medium' | 'high' | 'critical' | 'neutral' | 'info';
