//! Requests to our own server: JSON in, JSON out, and errors that name a field.

export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    /** What of the request was wrong, if the server said so. */
    readonly field: string | null = null,
    readonly code: string | null = null,
  ) {
    super(message);
  }
}

/** Called when the server does not know who asks. */
let onUnauthorized: () => void = () => {};

export function whenUnauthorized(act: () => void): void {
  onUnauthorized = act;
}

interface Refusal {
  error?: string | { message?: string };
  message?: string;
  details?: { error_code?: string; message?: string; field?: string };
}

async function refusal(response: Response): Promise<ApiError> {
  let body: Refusal = {};
  try {
    body = (await response.json()) as Refusal;
  } catch {
    // A proxy's page, or nothing: the status says enough.
  }
  const title = typeof body.error === "string" ? body.error : (body.error?.message ?? body.message);
  const message = body.details?.message ?? title ?? `the server answered ${response.status}`;
  return new ApiError(response.status, message, body.details?.field ?? null, body.details?.error_code ?? null);
}

export async function request(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<Response> {
  const init: RequestInit = { method, credentials: "same-origin", headers: { Accept: "application/json" } };
  if (signal) init.signal = signal;
  if (body !== undefined) {
    init.body = JSON.stringify(body);
    init.headers = { Accept: "application/json", "Content-Type": "application/json" };
  }
  let response: Response;
  try {
    response = await fetch(path, init);
  } catch (cause) {
    if (signal?.aborted) throw cause;
    throw new ApiError(0, "the server cannot be reached");
  }
  if (response.ok) return response;
  if (response.status === 401 && path !== "/v1/session") onUnauthorized();
  throw await refusal(response);
}

export async function getJson<T>(path: string, signal?: AbortSignal): Promise<T> {
  return (await request("GET", path, undefined, signal)).json() as Promise<T>;
}

/** `?a=1&b=2&b=3`, without what is empty. */
export function query(values: Readonly<Record<string, string | number | null | undefined | readonly string[]>>): string {
  const params = new URLSearchParams();
  for (const [key, value] of Object.entries(values)) {
    if (value === null || value === undefined || value === "") continue;
    for (const one of Array.isArray(value) ? value : [value]) params.append(key, String(one));
  }
  const text = params.toString();
  return text === "" ? "" : `?${text}`;
}
