/** The addresses of the pages; all of them can be shared. */

export const HOME_PAGE = "/";
export const ENTITY_PAGE = "/entity";
export const REVIEW_PAGE = "/review";
export const SOURCES_PAGE = "/sources";

export function entityAddress(iri: string): string {
  return `${ENTITY_PAGE}?${new URLSearchParams({ iri })}`;
}

export function searchAddress(text: string): string {
  return text ? `${HOME_PAGE}?${new URLSearchParams({ q: text })}` : HOME_PAGE;
}

export function typeAddress(type: string): string {
  return `${HOME_PAGE}?${new URLSearchParams({ type })}`;
}
