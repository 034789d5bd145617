//! The files of a run: images are shown, texts on demand, all can be downloaded.

import { useEffect, useState } from "preact/hooks";
import { content, type Attachment } from "../../api/runs.ts";
import { bytes } from "../../parts/format.ts";
import { reason } from "../../parts/resource.tsx";

/** Larger ones are not fetched without being asked for. */
const LARGEST_IMAGE = 8 * 1024 * 1024;
/** As much of a text as anybody reads here. */
const PREVIEW = 20_000;

const isImage = (attachment: Attachment): boolean =>
  /^image\/(png|jpeg|gif|webp|avif|bmp|svg\+xml)$/.test(attachment.content_type ?? "") && attachment.size <= LARGEST_IMAGE;
const isText = (attachment: Attachment): boolean => /^(text\/|application\/(json|xml|x-ndjson)$)/.test(attachment.content_type ?? "");

async function download(attachment: Attachment): Promise<void> {
  const url = URL.createObjectURL(await content(attachment));
  const link = document.createElement("a");
  link.href = url;
  link.download = attachment.name;
  link.click();
  // The browser has begun to read it by the next turn; a minute is ample.
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
}

function Image({ attachment }: { attachment: Attachment }) {
  const [url, setUrl] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  useEffect(() => {
    let made: string | null = null;
    let isGone = false;
    content(attachment).then(
      (blob) => {
        if (isGone) return;
        made = URL.createObjectURL(blob);
        setUrl(made);
      },
      (failure: unknown) => !isGone && setError(reason(failure)),
    );
    return () => {
      isGone = true;
      if (made !== null) URL.revokeObjectURL(made);
    };
  }, [attachment.sha256]);
  if (error !== null) return <p class="failure">{error}</p>;
  return url === null ? null : <img class="attachment-image" src={url} alt={attachment.name} />;
}

function File({ attachment }: { attachment: Attachment }) {
  const [text, setText] = useState<string | null>(null);
  const [error, setError] = useState<string | null>(null);
  const attempt = (act: () => Promise<void>) => {
    setError(null);
    act().catch((failure: unknown) => setError(reason(failure)));
  };
  const preview = async () => {
    const blob = await content(attachment);
    const start = await blob.slice(0, PREVIEW).text();
    setText(blob.size > PREVIEW ? `${start}\n… ${bytes(blob.size - PREVIEW)} more` : start);
  };
  return (
    <li class="attachment">
      <div class="attachment-head">
        <strong>{attachment.name}</strong>
        <span class="muted">
          {attachment.content_type ?? "unknown type"}, {bytes(attachment.size)}
        </span>
        {isText(attachment) && (
          <button type="button" aria-expanded={text !== null} onClick={() => (text === null ? attempt(preview) : setText(null))}>
            {text === null ? "Show" : "Hide"}
          </button>
        )}
        <button type="button" onClick={() => attempt(() => download(attachment))}>
          Download<span class="visually-hidden"> {attachment.name}</span>
        </button>
      </div>
      {isImage(attachment) && <Image attachment={attachment} />}
      {text !== null && (
        <pre class="preview" tabIndex={0}>
          {text}
        </pre>
      )}
      {error !== null && (
        <p class="failure" role="alert">
          {error}
        </p>
      )}
    </li>
  );
}

export function Attachments({ attachments }: { attachments: readonly Attachment[] }) {
  return (
    <section class="panel" aria-labelledby="attachments-title">
      <h2 id="attachments-title">Attachments</h2>
      <ul class="attachments">
        {attachments.map((attachment, index) => (
          <File key={`${attachment.sha256} ${index}`} attachment={attachment} />
        ))}
      </ul>
    </section>
  );
}
