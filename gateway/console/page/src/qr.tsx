// An authenticator's secret, to be scanned.
import qrcode from 'qrcode-generator';
import { text } from './page';

export function Qr({ uri }: { uri: string }) {
  const code = qrcode(0, 'M');
  code.addData(uri);
  code.make();
  const count = code.getModuleCount();
  let path = '';
  for (let row = 0; row < count; row++)
    for (let column = 0; column < count; column++) if (code.isDark(row, column)) path += `M${column + 2} ${row + 2}h1v1h-1z`;
  return (
    <svg class="qr" viewBox={`0 0 ${count + 4} ${count + 4}`} role="img" aria-label={text('invite.qr')} shape-rendering="crispEdges">
      <rect width="100%" height="100%" fill="#ffffff" /><path d={path} fill="#000000" />
    </svg>
  );
}
