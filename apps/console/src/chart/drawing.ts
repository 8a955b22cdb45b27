import { LineChart } from 'echarts/charts';
import { GridComponent, LegendComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { type EChartsCoreOption, init, use as register } from 'echarts/core';
import { CanvasRenderer } from 'echarts/renderers';

register([LineChart, GridComponent, LegendComponent, TooltipComponent, MarkLineComponent, CanvasRenderer]);

export interface Drawing {
  show: (option: EChartsCoreOption) => void;
  end: () => void;
}

export const begin = (place: HTMLDivElement, scheme: 'light' | 'dark'): Drawing => {
  const chart = init(place, scheme === 'dark' ? 'dark' : undefined, { renderer: 'canvas' });
  const resized = new ResizeObserver(() => chart.resize());
  resized.observe(place);
  return {
    show: (option) =>
      chart.setOption({ backgroundColor: 'transparent', animation: false, ...option }, { notMerge: true }),
    end: () => {
      resized.disconnect();
      chart.dispose();
    },
  };
};
