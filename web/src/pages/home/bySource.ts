/** Types in the order in which people look for them: by source, the largest type first. */

import type { TypeCount } from "../../graphql/types";
import { grouped } from "../../grouping";

export interface SourceTypes {
  source: string;
  types: TypeCount[];
  entities: number;
}

/** Group types by source; sources with more entities come first, types of no source last. */
export function bySource(types: TypeCount[]): SourceTypes[] {
  return [...grouped(types, (type) => type.source)]
    .map(([source, members]) => ({
      source,
      types: members.toSorted((one, other) => other.count - one.count || one.label.localeCompare(other.label)),
      entities: members.reduce((sum, type) => sum + type.count, 0),
    }))
    .sort((one, other) => Number(!one.source) - Number(!other.source) || other.entities - one.entities);
}
