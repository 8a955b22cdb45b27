export const BANDS = ['low', 'medium', 'high', 'critical'] as const;
export type Band = (typeof BANDS)[number];

/** The one risk scale: low < 0.3 <= medium < 0.7 <= high <= 0.8 < critical. */
export const bandOf = (risk: number): Band => {
  if (risk < 0.3) return 'low';
  if (risk < 0.7) return 'medium';
  return risk <= 0.8 ? 'high' : 'critical';
};

/** From here on a run is not recommended and asks twice. */
export const NOT_RECOMMENDED = 0.7;
