import { useComputedColorScheme } from '@mantine/core';
import type { EChartsCoreOption } from 'echarts/core';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { Drawing } from './drawing.js';

/**
 * One chart. `summary` says in words what it shows. Drawn on a canvas; texts never become HTML. The library is loaded with
 * the first chart; another option changes what is drawn.
 */
export const Chart = ({ option, height, summary }: { option: EChartsCoreOption; height: number; summary: string }) => {
  const place = useRef<HTMLDivElement>(null);
  const drawing = useRef<Drawing>(null);
  const scheme = useComputedColorScheme('light');
  const show = useEffectEvent(() => drawing.current?.show(option));
  useEffect(() => {
    let ended = false;
    void import('./drawing.js').then(({ begin }) => {
      if (ended || !place.current) return;
      drawing.current = begin(place.current, scheme);
      show();
    });
    return () => {
      ended = true;
      drawing.current?.end();
      drawing.current = null;
    };
  }, [scheme]);
  useEffect(() => show(), [option]);
  return <div ref={place} style={{ height }} role="img" aria-label={summary} />;
};
