//! Names of tests, which are long and may only be broken where a reader would break them.

export function Breakable({ text }: { text: string }) {
  const pieces = text.split(/(?<=::|_)/);
  return (
    <>
      {pieces.flatMap((piece, index) => (index === 0 ? [piece] : [<wbr key={index} />, piece]))}
    </>
  );
}
