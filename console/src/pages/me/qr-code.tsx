/** A QR code, drawn as one path: no picture is loaded, and no style is needed. */
import { generate } from 'lean-qr';
import { toSvgPath } from 'lean-qr/extras/svg';
import classes from './me.module.css';

/** How many modules around it are empty: readers need them. */
const QUIET = 4;

/** Of a text that fits into one: some 2,900 letters. `says`: what it is, for those who do not see it. */
export function QrCode({ text, says }: { text: string; says: string }) {
  const code = generate(text);
  const side = code.size + 2 * QUIET;
  return (
    <svg
      className={classes.qr}
      role="img"
      aria-label={says}
      viewBox={`${-QUIET} ${-QUIET} ${side} ${side}`}
      shapeRendering="crispEdges"
    >
      {/* Dark on light in both looks: not every reader knows the other way round. */}
      <rect x={-QUIET} y={-QUIET} width={side} height={side} fill="#fff" />
      <path d={toSvgPath(code)} fill="#000" />
    </svg>
  );
}
