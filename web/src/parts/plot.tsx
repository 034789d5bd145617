//! A chart: uPlot in the page's colours, as wide as its place.

import { useEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { isDark } from "./theme.ts";

export interface Curve {
  readonly label: string;
  /** The name of a custom property, without its dashes. */
  readonly color: "series-1" | "series-2" | "series-3" | "series-4" | "limit";
  readonly unit?: string;
  readonly points?: boolean;
  readonly dashed?: boolean;
}

interface Props {
  /** For those who cannot see it. */
  readonly label: string;
  readonly data: uPlot.AlignedData;
  readonly curves: readonly Curve[];
  readonly xLabel?: string;
  /** Written beside each number of the x axis, where there is no place for a label. */
  readonly xUnit?: string;
  readonly yLabel?: string;
  /** As high as its place, if nothing is said. */
  readonly height?: number;
  readonly isTime?: boolean;
  /** The range of the x axis, if it is not that of the data. */
  readonly xRange?: () => readonly [number, number];
  /** The least height of the y axis. */
  readonly ySpan?: number;
  readonly legend?: boolean;
}

function color(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

function yRange(least: number) {
  return (_: uPlot, low: number | null, high: number | null): [number, number] => {
    if (low === null || high === null) return [0, least || 1];
    const span = Math.max(high - low, least, Math.abs(high) * 1e-6) * 1.2;
    const middle = (low + high) / 2;
    return [middle - span / 2, middle + span / 2];
  };
}

/** uPlot writes dates as in America; this page writes them as the rest of the program does. */
function formatDate(template: string): (at: Date) => string {
  const iso = template
    .replace("{h}:{mm}{aa}", "{HH}:{mm}")
    .replace("{h}{aa}", "{HH}:00")
    .replace("{M}/{D}/{YY}", "{YYYY}-{MM}-{DD}")
    .replace("{M}/{D}", "{MM}-{DD}");
  return uPlot.fmtDate(iso);
}

function options(props: Props, size: { width: number; height: number }): uPlot.Options {
  const axis = { stroke: color("text-muted"), grid: { stroke: color("grid"), width: 1 }, ticks: { stroke: color("grid"), width: 1 } };
  const font = "12px system-ui, sans-serif";
  const { xRange, xUnit } = props;
  const values = xUnit && { values: (_: uPlot, splits: number[]) => splits.map((at) => `${String(at).replace("-", "−")} ${xUnit}`) };
  return {
    ...size,
    fmtDate: formatDate,
    legend: { show: props.legend ?? false },
    cursor: { show: props.legend ?? false },
    scales: {
      x: { time: props.isTime ?? false, ...(xRange && { range: () => [...xRange()] as [number, number] }) },
      y: { range: yRange(props.ySpan ?? 0) },
    },
    axes: [
      { ...axis, ...values, font, labelFont: font, ...(props.xLabel && { label: props.xLabel, labelSize: 18 }), size: props.isTime ? 44 : 30 },
      { ...axis, font, labelFont: font, ...(props.yLabel && { label: props.yLabel, labelSize: 18 }), size: 52 },
    ],
    series: [
      { label: props.xLabel ?? "x" },
      ...props.curves.map((curve) => ({
        label: curve.unit ? `${curve.label} (${curve.unit})` : curve.label,
        stroke: color(curve.color),
        width: 2,
        spanGaps: true,
        points: { show: curve.points ?? false, size: 6 },
        ...(curve.dashed && { dash: [6, 4] }),
      })),
    ],
  };
}

export function Plot(props: Props) {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const { height } = props;
  const shape = JSON.stringify([props.curves, props.xLabel, props.yLabel, height]);
  const dark = isDark.value;

  useEffect(() => {
    const element = place.current;
    if (!element) return;
    const size = () => ({ width: Math.max(120, element.clientWidth), height: height ?? Math.max(80, element.clientHeight) });
    const made = new uPlot(options(props, size()), props.data, element);
    plot.current = made;
    const observer = new ResizeObserver(() => made.setSize(size()));
    observer.observe(element);
    return () => {
      observer.disconnect();
      made.destroy();
      plot.current = null;
    };
    // Anew for another shape or colours; new data go into the chart that is there.
  }, [shape, dark]);

  useEffect(() => {
    plot.current?.setData(props.data);
  }, [props.data]);

  return <div ref={place} class={height === undefined ? "plot fill" : "plot"} role="img" aria-label={props.label} />;
}
