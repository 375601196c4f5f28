/** What surrounds every page: the header with its navigation, and the page that the address names. */

import { useEffect, useRef } from "react";
import { EntityPage } from "./pages/entity/EntityPage";
import { HomePage } from "./pages/home/HomePage";
import { ReviewPage } from "./pages/review/ReviewPage";
import { SourcesPage } from "./pages/sources/SourcesPage";
import { Empty } from "./parts/Notice";
import { ENTITY_PAGE, HOME_PAGE, REVIEW_PAGE, SOURCES_PAGE } from "./routing/addresses";
import { type Address, PageLink, useAddress } from "./routing/router";

const PAGES: Record<string, (address: Address) => React.ReactNode> = {
  [HOME_PAGE]: ({ parameters }) => <HomePage query={parameters.get("q") ?? ""} type={parameters.get("type")} />,
  [ENTITY_PAGE]: ({ parameters }) => <EntityPage key={parameters.get("iri")} iri={parameters.get("iri") ?? ""} />,
  [REVIEW_PAGE]: () => <ReviewPage />,
  [SOURCES_PAGE]: () => <SourcesPage />,
};

const NAVIGATION = [
  { address: HOME_PAGE, label: "Explore", also: [ENTITY_PAGE] },
  { address: REVIEW_PAGE, label: "Review", also: [] },
  { address: SOURCES_PAGE, label: "Sources", also: [] },
];

export function Frame() {
  const address = useAddress();
  const page = PAGES[address.path];
  return (
    <>
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <header className="header">
        <div className="header-inner">
          <PageLink href={HOME_PAGE} className="brand">
            <Arch />
            Bifrost
          </PageLink>
          <nav aria-label="Pages">
            {NAVIGATION.map(({ address: href, label, also }) => (
              <PageLink
                key={href}
                href={href}
                aria-current={isHere(address.path, [href, ...also]) ? "page" : undefined}
              >
                {label}
              </PageLink>
            ))}
          </nav>
          <nav aria-label="For programs" className="header-programs">
            <a href="/graphql">GraphQL</a>
            <a href="/docs">REST</a>
          </nav>
        </div>
      </header>
      <Main path={address.path}>{page ? page(address) : <Missing />}</Main>
    </>
  );
}

/** Move the focus to the content when another page is shown, so that keyboards and screen readers start there. */
function Main({ path, children }: { path: string; children: React.ReactNode }) {
  const main = useRef<HTMLElement>(null);
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path]);
  return (
    <main id="main" ref={main} tabIndex={-1}>
      {children}
    </main>
  );
}

function isHere(path: string, addresses: string[]): boolean {
  return addresses.includes(path);
}

function Missing() {
  return (
    <Empty title="There is no such page.">
      <title>No such page · Bifrost</title>
      <p>
        <PageLink href={HOME_PAGE}>Explore the graph</PageLink>
      </p>
    </Empty>
  );
}

function Arch() {
  return (
    <svg className="arch" viewBox="0 0 32 24" fill="none" aria-hidden="true">
      <path className="arch-outer" d="M3 20a13 13 0 0 1 26 0" />
      <path className="arch-middle" d="M7.5 20a8.5 8.5 0 0 1 17 0" />
      <path className="arch-inner" d="M12 20a4 4 0 0 1 8 0" />
    </svg>
  );
}
