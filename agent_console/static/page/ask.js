// How does a page ask the console?  Forms out, JSON or a part of a page back; a refusal is an Error that speaks Chinese.

export const csrf = () => document.body.dataset.csrf;

async function send(path, values, token, accept) {
  const body = values instanceof FormData ? new URLSearchParams(values) : new URLSearchParams(values ?? {});
  let answer;
  try {
    answer = await fetch(path, { method: "POST", headers: { "X-CSRF": token, Accept: accept }, body });
  } catch {
    throw new Error("没有连上服务器, 请检查网络后重试");
  }
  if (answer.status === 401) location.assign("/sign-in");
  return answer;
}

export async function post(path, values, token = csrf()) {
  const answer = await send(path, values, token, "application/json");
  const content = await answer.json().catch(() => ({}));
  if (!answer.ok) throw new Error(content.problem || `服务器拒绝了请求 (${answer.status})`);
  return content;
}

/** The answer as HTML, made and escaped by the console's own templates. */
export async function postForPart(path, values) {
  const answer = await send(path, values, csrf(), "text/html");
  return answer.text();
}

export async function get(path, query) {
  const answer = await fetch(`${path}?${new URLSearchParams(query)}`, { headers: { Accept: "application/json" } });
  if (!answer.ok) throw new Error(`服务器拒绝了请求 (${answer.status})`);
  return answer.json();
}
