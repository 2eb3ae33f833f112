// The charts of the wall: plain SVG, coloured by the style sheet, each with its numbers in words.
import { text } from './page';

export interface Hours { midnight: number; arrived: number[]; taken: number[]; left: number[] }

const WIDTH = 720;
const HEIGHT = 220;
const LEFT = 34;
const BOTTOM = 24;
const TOP = 8;

/** The least of 5, 10, 20, 50, 100 … that holds it. */
export function ceiling(most: number): number {
  for (let step = 5; ; step *= 10)
    for (const factor of [1, 2, 4]) if (most <= step * factor) return step * factor;
}

const x = (hour: number) => LEFT + ((hour + 0.5) * (WIDTH - LEFT)) / 24;

function line(numbers: number[], until: number, y: (value: number) => number): string {
  return numbers.slice(0, until + 1).map((value, hour) => `${hour ? 'L' : 'M'}${x(hour).toFixed(1)} ${y(value).toFixed(1)}`).join('');
}

/** until: the hour that goes on now; nothing is drawn of what is still to come. */
export function Curve({ hours, until, label }: { hours: Hours; until: number; label: string }) {
  const most = ceiling(Math.max(...hours.arrived, ...hours.taken, ...hours.left));
  const y = (value: number) => TOP + (HEIGHT - TOP - BOTTOM) * (1 - value / most);
  const past = Array.from({ length: Math.min(until, 23) + 1 }, (_, hour) => hour);
  return (
    <svg class="curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
      {[0, 0.5, 1].map((part) => (
        <g key={part}>
          <line class="rule" x1={LEFT} x2={WIDTH} y1={y(most * part)} y2={y(most * part)} />
          <text class="tick" x={LEFT - 6} y={y(most * part) + 4} text-anchor="end">{Number.isInteger(most * part) ? most * part : ''}</text>
        </g>
      ))}
      {[0, 3, 6, 9, 12, 15, 18, 21].map((hour) => <text key={hour} class="tick" x={x(hour)} y={HEIGHT - 6} text-anchor="middle">{hour}</text>)}
      {past.map((hour) => <rect key={hour} class="bar" x={x(hour) - 11} width="22" y={y(hours.arrived[hour] ?? 0)} height={y(0) - y(hours.arrived[hour] ?? 0)} />)}
      <path class="line taken" d={line(hours.taken, past.length - 1, y)} />
      <path class="line left" d={line(hours.left, past.length - 1, y)} />
      {past.map((hour) => (
        <g key={hour}>
          <circle class="dot taken" cx={x(hour)} cy={y(hours.taken[hour] ?? 0)} r="3.5" />
          <path class="dot left" d={`M${x(hour) - 4} ${y(hours.left[hour] ?? 0) + 3}h8l-4-7z`} />
        </g>
      ))}
    </svg>
  );
}

export function Legend() {
  return (
    <ul class="legend">
      <li><svg viewBox="0 0 20 12" aria-hidden="true"><rect class="bar" x="4" y="1" width="12" height="11" /></svg> {text('wall.arrived')}</li>
      <li><svg viewBox="0 0 20 12" aria-hidden="true"><path class="line taken" d="M0 6h20" /><circle class="dot taken" cx="10" cy="6" r="3.5" /></svg> {text('wall.taken')}</li>
      <li><svg viewBox="0 0 20 12" aria-hidden="true"><path class="line left" d="M0 6h20" /><path class="dot left" d="M6 9h8l-4-7z" /></svg> {text('wall.left')}</li>
    </ul>
  );
}

/** A part of a whole, from 0 to 1; target: where it should be at least. */
export function Share({ part, target, label }: { part: number; target?: number; label: string }) {
  return (
    <svg class="share" viewBox="0 0 200 16" preserveAspectRatio="none" role="img" aria-label={label}>
      <rect class="ground" x="0" y="2" width="200" height="12" />
      <rect class={`bar${target !== undefined && part < target ? ' below' : ''}`} x="0" y="2" width={200 * part} height="12" />
      {target !== undefined && <line class="target" x1={200 * target} x2={200 * target} y1="0" y2="16" />}
    </svg>
  );
}
