import { useEffect, useRef } from 'preact/hooks'
import UPlot from 'uplot'
import { html } from '../html.ts'
import { theme } from '../theme/theme.ts'

export interface PlotSeries {
  /** A colour token of style/tokens.css: `--ok`. */
  readonly color: string
  readonly kind: 'bars' | 'line'
  /** A value for each moment; null draws nothing. */
  readonly values: readonly (number | null)[]
}

interface PlotProps {
  /** Describes the plot in words for a screen reader. */
  label: string
  /** Epoch seconds. */
  moments: readonly number[]
  series: readonly PlotSeries[]
  formatValue: (value: number) => string
  /** Receives the index of the moment under the pointer; null when the pointer leaves. */
  onPoint?: (index: number | null) => void
}

const heightPx = 148

/** A plot over time. It is redrawn when its data, its width or the theme changes. */
export const Plot = ({ label, moments, series, formatValue, onPoint }: PlotProps) => {
  const place = useRef<HTMLDivElement>(null)
  const plot = useRef<UPlot | null>(null)
  const data = [moments, ...series.map(({ values }) => values)] as unknown as UPlot.AlignedData
  const shape = series.map(({ color, kind }) => `${kind} ${color}`).join()

  useEffect(() => {
    const holder = place.current
    if (holder === null) return undefined
    const draw = () => {
      plot.current?.destroy()
      plot.current = new UPlot(optionsFor(holder, series, formatValue, onPoint), data, holder)
    }
    draw()
    const sized = new ResizeObserver(() => plot.current?.setSize({ width: holder.clientWidth, height: heightPx }))
    sized.observe(holder)
    const scheme = matchMedia('(prefers-color-scheme: dark)')
    scheme.addEventListener('change', draw)
    return () => {
      sized.disconnect()
      scheme.removeEventListener('change', draw)
      plot.current?.destroy()
      plot.current = null
    }
  }, [shape, theme.value])
  useEffect(() => plot.current?.setData(data), [JSON.stringify(data)])

  return html`<div class="plot" role="img" aria-label=${label} ref=${place}></div>`
}

const optionsFor = (
  holder: HTMLElement,
  series: readonly PlotSeries[],
  formatValue: PlotProps['formatValue'],
  onPoint: PlotProps['onPoint'],
): UPlot.Options => {
  const color = colorsOf(holder)
  const axis = {
    stroke: color('--ink-3'),
    font: '11px "Geist Variable", system-ui, sans-serif',
    ticks: { show: false },
    grid: { stroke: color('--line'), width: 1 },
  }
  return {
    width: holder.clientWidth,
    height: heightPx,
    padding: [8, 6, 0, 0],
    legend: { show: false },
    cursor: { y: false, drag: { x: false, y: false }, points: { show: false } },
    scales: {
      // Half a minute at both ends makes room for half the width of a bar.
      x: { time: true, range: (_plot, min, max) => [min - 30, max + 30] },
      y: { range: (_plot, _min, max) => [0, Math.max(max * 1.08, 1)] },
    },
    axes: [
      { ...axis, grid: { show: false }, space: 80, size: 26, values: '{HH}:{mm}' },
      { ...axis, space: 34, size: 52, values: (_plot, values) => values.map(formatValue) },
    ],
    series: [
      {},
      ...series.map(({ color: token, kind }): UPlot.Series => {
        const stroke = color(token)
        return kind === 'bars'
          ? {
              fill: stroke,
              width: 0,
              points: { show: false },
              paths: UPlot.paths.bars?.({ size: [0.66, 14], radius: 0.15 }) ?? (() => null),
            }
          : { stroke, width: 1.75, points: { show: false }, spanGaps: true }
      }),
    ],
    hooks: { setCursor: [({ cursor: { idx } }) => onPoint?.(idx ?? null)] },
  }
}

/** Resolves colour tokens: a canvas cannot read custom properties. */
const colorsOf = (holder: HTMLElement) => {
  const probe = document.createElement('span')
  probe.hidden = true
  holder.append(probe)
  return (token: string): string => {
    probe.style.color = `var(${token})`
    return getComputedStyle(probe).color
  }
}
