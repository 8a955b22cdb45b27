/** Nearest rank. */
export const quantile = (values, q) => {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)];
};
export const median = (values) => quantile(values, 0.5);
export const round = (value, digits = 2) => Number(value.toFixed(digits));
/** `{n, median, max}` of repeated measurements. */
export const spread = (values, digits = 0) => ({
  n: values.length,
  median: round(median(values), digits),
  max: round(Math.max(...values), digits),
});
