// Text into a page: what HTML, SVG and quoted attributes would act on is written as entities, what no page may hold is left out.

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' }

// oxlint-disable-next-line no-control-regex -- these are what is taken out
const forbidden = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\ufffe\uffff]/g

export const escaped = (text: string) => text.replace(forbidden, '').replace(/[&<>"']/g, (mark) => entities[mark])
