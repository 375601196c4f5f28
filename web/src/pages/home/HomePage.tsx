/** The first page: search, and browse by type. */

import "./home.css";
import { HOME } from "../../graphql/operations";
import { useAnswer } from "../../graphql/useAnswer";
import { Failure, Waiting } from "../../parts/Notice";
import { EntityList } from "./EntityList";
import { SearchBox } from "./SearchBox";
import { SearchResults } from "./SearchResults";
import { Totals } from "./Totals";
import { TypeList } from "./TypeList";

export function HomePage({ query, type }: { query: string; type: string | null }) {
  const { answer, failure, askAgain } = useAnswer(HOME, {});
  const types = answer?.types ?? [];
  return (
    <div className="home">
      <title>{query ? `${query} · Bifrost` : "Explore · Bifrost"}</title>
      <h1 className="home-title">Explore the graph</h1>
      <SearchBox query={query} />
      {query && <SearchResults query={query} />}
      {!query && type && <EntityList key={type} type={type} known={types.find((each) => each.iri === type)} />}
      {!query && !type && (
        <>
          {failure && <Failure sentence={failure} again={askAgain} />}
          {!answer && !failure && <Waiting what="Counting what the graph holds" />}
          {answer && <Totals summary={answer.summary} />}
          {answer && <TypeList types={types} />}
        </>
      )}
    </div>
  );
}
