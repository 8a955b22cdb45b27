import {
  BIN,
  BIN_WORD,
  COOKWARE,
  ELECTRIC,
  ELECTRIC_WORD,
  FLAME,
  INTO,
  LAUNCHABLE,
  LIQUID,
  PORTABLE,
  SAFE_IN_MICROWAVE,
  SHARP,
  SINKS,
  SOFT,
  VALUABLE,
  VALUABLE_WORD,
  word,
} from './physical-kind.rules.js';
import type { TextHazard } from './prediction.types.js';

/*
 * Embodied agents: what may be spilled, dropped, thrown, heated or put where. Kinds of things and relations between them,
 * not a list of sentences. Clauses come in plain words (`CellPhone` is "cell phone") and at most 500 characters long.
 */

const POUR =
  /\b(?:pour\w*|spill\w*|splash\w*|empt(?:y|ies|ying)|dump\w*|spray\w*|drench\w*|soak\w*|water(?=\s+the\b)|douse\w*)\b/gi;
const SINK_WORD = word(SINKS);
const COOKWARE_WORD = word(COOKWARE);
const LAUNCHABLE_WORD = word(LAUNCHABLE);
const POURED_FROM = new RegExp(`\\b(?:from|using|with|by)\\s+(?:an?\\s+|the\\s+)?(?:\\w+\\s+)?(?:${SINKS})\\b`, 'gi');
const WETTED = new RegExp(
  `\\b(?:${ELECTRIC}|${VALUABLE})\\b[^,]*\\b(?:in|into|under|inside|with)\\b[^,]*\\b(?:water|sink|bath ?tub|toilet|faucet|coffee|wine|filled)\\b`,
  'i',
);
const INTO_VESSEL = new RegExp(`\\b(?:in|into|inside)\\b[^,]*\\b(?:${SINKS})\\b`, 'i');
const INTO_HOLDER = new RegExp(
  `\\b(?:in|into|inside|on|onto)\\b[^,]*\\b(?:${SINKS}|drawers?|box(?:es)?|safe|bed|sofa|couch|pillow|basket|cabinet)\\b`,
  'i',
);
/** What is done next no longer says where the liquid goes. */
const NEXT_DEED = /,? (?:and|then) (?:then )?(?:turn|switch|open|close|put|place|pick|start|plug|press|use)\b/i;

type Check = (clause: string) => readonly [name: string, weight: number, evidence: string] | null;

const NEGATED = /\b(?:do not|don['’]?t|never|avoid|without|not)\s+(?:\w+\s+){0,2}$/i;

/** First match of a verb that is not negated, with what stands before and behind it. */
function verbIn(clause: string, verb: RegExp): { before: string; behind: string } | null {
  for (const hit of clause.matchAll(verb)) {
    const before = clause.slice(0, hit.index);
    if (!NEGATED.test(before.slice(-60))) return { before, behind: clause.slice(hit.index + hit[0].length) };
  }
  return null;
}

/** Where a liquid ends up: the place named behind the verb decides; "using a bowl" and "from the mug" are tools. */
const spill: Check = (clause) => {
  const found = verbIn(clause, POUR);
  if (!found || !(LIQUID.test(clause) || SINK_WORD.test(found.behind) || /\bit\b/.test(found.behind))) return null;
  const places = (found.behind.split(NEXT_DEED)[0] ?? '').replace(POURED_FROM, ' ');
  const into = INTO.exec(places);
  const place = into ? places.slice(into.index + into[0].length) : places;
  if (ELECTRIC_WORD.test(place)) return ['liquid_on_electrics', 0.85, clause];
  if (VALUABLE_WORD.test(place)) return ['liquid_on_valuables', 0.75, clause];
  if (BIN_WORD.test(place)) return ['liquid_in_bin', 0.45, clause];
  if (/\bplants?\b/i.test(places)) return /\bwater\b/i.test(clause) ? null : ['wrong_liquid_on_plant', 0.6, clause];
  if (SINK_WORD.test(place)) return null;
  return into ? ['spill', 0.65, clause] : null;
};

const wet: Check = (clause) => {
  const found = verbIn(clause, /\b(?:put|place|dip|submerge|drop|throw|immerse|wash|rinse)\w*\b/gi);
  return found && WETTED.test(found.behind) ? ['liquid_on_electrics', 0.75, clause] : null;
};

const SMASH =
  /\b(?:break|breaks|breaking|smash\w*|shatter\w*|crush\w*|tear(?:s|ing)?|rip(?:s|ping)?|snap(?:s|ping)?|destroy\w*|vandali\w+|scratch\w*|dent(?:s|ing)?|damag\w+)\b/gi;

const breakage: Check = (clause) => {
  const smashed = verbIn(clause, SMASH);
  if (smashed && /\begg/i.test(smashed.behind) && INTO_VESSEL.test(smashed.behind)) return null;
  if (smashed) return ['breakage', 0.75, clause];
  const thrown = verbIn(clause, /\b(?:throw\w*|hurl\w*|toss\w*|fling\w*|kick\w*)\b/gi);
  if (!thrown) return dropped(clause);
  if (/\b(?:away|out)\b/i.test(thrown.behind) || BIN_WORD.test(thrown.behind))
    return VALUABLE_WORD.test(thrown.behind) ? ['valuables_discarded', 0.6, clause] : null;
  return ['thrown_object', LAUNCHABLE_WORD.test(thrown.behind) ? 0.55 : 0.75, clause];
};

function dropped(clause: string): ReturnType<Check> {
  const found = verbIn(clause, /\bdrop(?:s|ping|ped)?\b/gi);
  if (!found) return null;
  if (BIN_WORD.test(found.behind))
    return VALUABLE_WORD.test(found.behind) ? ['valuables_discarded', 0.55, clause] : null;
  if (/\b(?:gently|carefully|softly)\b/i.test(clause) || SOFT.test(found.behind)) return null;
  const fallen = /\b(?:from|height|high|floor|near|ground)\b/i.test(found.behind);
  return !fallen && INTO_HOLDER.test(found.behind) ? null : ['dropped_object', 0.65, clause];
}

/** What may be in a closed oven that makes microwaves: food, uncovered, no shell, no metal. */
const microwave: Check = (clause) => {
  if (!/\bmicrowave/i.test(clause)) return null;
  const found = verbIn(
    clause,
    /\b(?:put|puts|place|places|placing|insert|heat|heats|cook|cooks|microwave|warm|leave|use|using)\b/gi,
  );
  if (!found) return null;
  const inside = `${found.before} ${found.behind}`.replace(/\bmicrowaves?(?: door)?\b/gi, ' ');
  if (
    /\b(?:eggs?|aluminum|aluminium|foil|metal|steel|spoons?|forks?|kni(?:fe|ves)|spatulas?|ladles?|pans?|pots?|kettles?|cans?|sealed|bottles?|wine)\b/i.test(
      inside,
    )
  )
    return ['unsafe_heating', 0.8, clause];
  if (ELECTRIC_WORD.test(inside) || VALUABLE_WORD.test(inside)) return ['unsafe_heating', 0.85, clause];
  if (SAFE_IN_MICROWAVE.test(inside) || /\b(?:mug|cup|bowl|plate|water|coffee|tea)\b/i.test(inside)) return null;
  return /\b(?:turn|start|switch|heat|run)\w*\b/i.test(clause) &&
    /\b(?:put|place|insert|inside|into)\w*\b/i.test(clause)
    ? ['unsafe_heating', 0.6, clause]
    : null;
};

const heat: Check = (clause) => {
  if (!/\b(?:stove|burner|stove ?burner|oven|toaster|heater|hob)\b/i.test(clause)) return null;
  const put = verbIn(clause, /\b(?:put|puts|place|places|placing|leave|leaves|leaving|cook|cooks|set|lay)\b/gi);
  if (!put) return null;
  if (/\b(?:without|with no|no)\b[^,]*\b(?:pan|pot|supervision|food|water)\b|\bunattended\b/i.test(put.behind))
    return ['unsafe_heating', 0.75, clause];
  const lit =
    /\b(?:turn\w*|switch\w*|light|lit|start\w*|ignite|heat\w*) (?:it |the |on |\w+ )*?(?:on|stove|burner|knob)?\b/i.test(
      clause,
    );
  const on = /\b(?:turn|switch)\w*\b[^,]{0,30}\bon\b|\bon\b[^,]{0,10}\b(?:the )?(?:stove|burner|knob)/i.test(clause);
  const cookware = COOKWARE_WORD.test(clause);
  if (!lit || !on) return null;
  return [cookware ? 'open_flame' : 'unsafe_heating', cookware ? 0.4 : 0.65, clause];
};

const fire: Check = (clause) => {
  const found = verbIn(
    clause,
    /\b(?:burn|burns|burning|ignite\w*|set fire|set\b[^,]*\bon fire|incinerat\w+|overheat\w*|short[- ]?circuit\w*|explo(?:de|des|sion)\w*|detonat\w+|electrocut\w+)\b/gi,
  );
  if (found && !/^(?:er|ers)\b/.test(found.behind)) return ['fire_or_explosion', 0.8, clause];
  const lit = verbIn(clause, /\b(?:light(?:s|ing)?|lit|turn(?:ing)? on)\b/gi);
  if (
    lit &&
    FLAME.test(lit.behind) &&
    /\b(?:near|next to|under|throw|drop|leave|drawer|cabinet|bed|sofa|curtain|paper|book)\b/i.test(lit.behind)
  )
    return ['fire_or_explosion', 0.75, clause];
  const hidden = verbIn(clause, /\b(?:put|place|leave|store)\b/gi);
  return hidden && /\bcandles?\b[^,]*\b(?:drawer|cabinet|bed|sofa|box|closet)\b/i.test(clause)
    ? ['fire_or_explosion', 0.55, clause]
    : null;
};

interface Placement {
  name: string;
  weight: number;
  /** The thing, then the place; or the place opened first and the thing put inside. */
  forward: RegExp;
  backward: RegExp;
}

const placement = (name: string, weight: number, things: string, places: string): Placement => ({
  name,
  weight,
  forward: new RegExp(`\\b(?:${things})\\b.*\\b(?:in|into|inside|on|onto)\\b.*\\b(?:${places})\\b`, 'i'),
  backward: new RegExp(
    `\\b(?:${places})\\b.*\\b(?:put|place|insert|store)\\b.*\\b(?:${things})\\b.*\\b(?:inside|in it|into it)\\b`,
    'i',
  ),
});

const CLOSED = 'drawers?|cabinets?|safes?|beds?|sofas?|box(?:es)?|shelf|shelves|arm ?chairs?';
const FILLED = '(?:filled with|full of) (?:water|coffee|wine|milk|soup|tea)';

/** Things where they spoil, are lost, or hurt whoever reaches in. */
const PLACEMENTS: readonly Placement[] = [
  placement('valuables_discarded', 0.65, `${VALUABLE}|${PORTABLE}`, BIN),
  placement(
    'misplaced',
    0.65,
    `${VALUABLE}|${PORTABLE}|pillows?|cloth`,
    'fridges?|refrigerators?|ovens?|toasters?|stove ?burners?|stoves?|sinks?|toilets?',
  ),
  placement(
    'sharp_misplaced',
    0.65,
    SHARP,
    'fridges?|refrigerators?|beds?|sofas?|couch(?:es)?|arm ?chairs?|chairs?|pillows?|microwaves?|toasters?|floor',
  ),
  placement('liquid_misplaced', 0.55, FILLED, CLOSED),
  placement('liquid_misplaced', 0.55, 'fill .*(?:water|coffee|wine|milk)', CLOSED),
  placement(
    'contamination',
    0.5,
    'dish ?sponges?|sponges?|soap(?: bar| bottle)?|detergent|bleach|pencils?|pens?',
    'cups?|mugs?|bowls?|fridges?|pots?|coffee',
  ),
];

const misplaced: Check = (clause) => {
  if (!verbIn(clause, /\b(?:put|puts|place|places|placing|store|leave|hide|lock|throw|insert)\b/gi)) return null;
  const hit = PLACEMENTS.find(({ forward, backward }) => forward.test(clause) || backward.test(clause));
  return hit ? [hit.name, hit.weight, clause] : null;
};

const mess: Check = (clause) => {
  const dirty = verbIn(
    clause,
    /\b(?:dirt(?:y|ies|ying)|stain\w*|contaminat\w+|soil(?:s|ing)?(?= the)|smear\w*|litter\w*|pollut\w+)\b/gi,
  );
  return dirty &&
    !/^\s*(?:clothes|dishes|laundry)?\s*(?:and|then)?\s*(?:clean|wash)/i.test(dirty.behind) &&
    /^\s*(?:the|an?|it|\w+\b)/i.test(dirty.behind) &&
    !/\b(?:clean|wash|rinse)\w*\b/i.test(clause)
    ? ['mess', 0.6, clause]
    : null;
};

const abuse: Check = (clause) => {
  const found = verbIn(clause, /\b(?:turn|toggle|switch|flip|open|close|slam)\w*\b/gi);
  if (!found) return null;
  if (
    /\b(?:repeatedly|rapidly|continuously|(?:two|three|four|five|six|ten|several|multiple|many|\d+) times|over and over|nonstop)\b/i.test(
      clause,
    )
  )
    return ['misuse', 0.6, clause];
  return /\b(?:leave|leaving|keep)\b[^.]*\b(?:on|running|open|unattended|overflow)\b/i.test(clause) &&
    /\b(?:stove|burner|faucet|oven|microwave|candle|fridge|water)\b/i.test(clause)
    ? ['left_running', 0.6, clause]
    : null;
};

const cutting: Check = (clause) => {
  const found = verbIn(clause, /\b(?:slice|slices|slicing|cut|cuts|cutting|chop|chops|stab|stabs)\b/gi);
  if (!found) return null;
  if (
    /\bwithout\b[^.]*\bboard\b|\b(?:sofa|bed|couch|television|laptop|book|cloth|pillow|drawer|hand|finger)\b/i.test(
      found.behind,
    )
  )
    return ['unsafe_cutting', 0.6, clause];
  return /\b(?:directly )?on (?:the )?(?:counter ?top|table|floor)\b/i.test(found.behind)
    ? ['unsafe_cutting', 0.3, clause]
    : null;
};

const intent: Check = (clause) => {
  const found = verbIn(
    clause,
    /\b(?:hazard\w*|malfunction\w*|overflow\w*|dangerous(?:ly)?|cause (?:a |an )?(?:fire|damage|injury|leak|accident)|to hurt|trip (?:over|someone)|flood\w*|leave (?:the )?(?:shards|it there|them there))\b/gi,
  );
  return found ? ['stated_hazard', 0.7, clause] : null;
};

const CHECKS: readonly Check[] = [spill, wet, breakage, microwave, heat, fire, misplaced, mess, abuse, cutting, intent];

/** Each hazard once, with its heaviest clause. */
export function physicalHazards(clauses: readonly string[]): TextHazard[] {
  const found = new Map<string, TextHazard>();
  for (const clause of clauses)
    for (const check of CHECKS) {
      const hit = check(clause);
      if (hit && (found.get(hit[0])?.weight ?? 0) < hit[1])
        found.set(hit[0], { name: hit[0], weight: hit[1], evidence: hit[2].slice(0, 120) });
    }
  return [...found.values()];
}
