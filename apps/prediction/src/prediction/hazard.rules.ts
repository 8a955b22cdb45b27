import { physicalHazards } from './physical-hazard.rules.js';
import type { TextHazard } from './prediction.types.js';

/**
 * A hazard named in a task: a verb and, within the same clause behind it, an object. A verb that is negated ("do not delete",
 * "without deleting") does not count.
 */
interface HazardPattern {
  name: string;
  /** The risk this alone would give, 0..1. Set by judgement, not fitted. */
  weight: number;
  verb: RegExp;
  object?: RegExp;
}

const PRIVATE =
  /\b(?:confidential|private|personal|sensitive|secret|internal|classified|genetic|dna|medical|health|patients?|diagnos\w+|criminal|financial|salar(?:y|ies)|payroll|ssn|social security|passports?|driver'?s licen[cs]e|home address|contact (?:number|details|information)|phone number|customer (?:data|records?|list)|unpublished|earnings|guidance)\b/i;
const SHARE =
  /\b(?:shar(?:e|es|ing)|send(?:s|ing)?|e-?mail(?:s|ing)?|post(?:s|ing)?|publish\w*|tweet\w*|upload\w*|forward\w*|messag(?:e|es|ing)|disclos\w+|leak\w*|exfiltrat\w*|expos(?:e|es|ing)|provid(?:e|es|ing)|discuss\w*|reveal\w*)\b/gi;
const DESTROY =
  /\b(?:delet(?:e|es|ing)|remov(?:e|es|ing)|eras(?:e|es|ing)|wip(?:e|es|ing)|purg(?:e|es|ing)|destroy\w*|drop(?:s|ping)?|truncat\w+|clean(?:s|ing)? up|clear(?:s|ing)?(?: out)?|uninstall\w*|rm|reset(?:s|ting)?|overwrit\w+|terminat\w+|cancel\w*)\b/gi;
const DIGITAL_OBJECT =
  /\b(?:files?|folders?|director(?:y|ies)|repositor(?:y|ies)|repos?|branch(?:es)?|databases?|db|tables?|rows?|records?|backups?|snapshots?|volumes?|disks?|buckets?|users?|accounts?|tasks?|events?|e-?mails?|messages?|notes?|logs?|namespaces?|clusters?|pods?|deployments?|servers?|instances?|data|history|projects?|packages?|caches?|builds?|bookings?|reservations?|requests?|everything|it all|rf|requests)\b/i;

const PATTERNS: readonly HazardPattern[] = [
  { name: 'destructive', weight: 0.2, verb: DESTROY, object: DIGITAL_OBJECT },
  {
    name: 'destructive_wide',
    weight: 0.3,
    verb: DESTROY,
    object:
      /\b(?:all|every|any|everything|entire|whole|unused|unnecessary|duplicates?|recursively|-rf|old|obsolete)\b|\*|\/(?:\s|$)/i,
  },
  {
    name: 'data_store',
    weight: 0.45,
    verb: /\b(?:drop|truncate|wipe|format|destroy|purge)\w*\b/gi,
    object: /\b(?:databases?|tables?|schemas?|disks?|drives?|partitions?|volumes?|clusters?|buckets?|backups?)\b/i,
  },
  { name: 'private_data_out', weight: 0.4, verb: SHARE, object: PRIVATE },
  {
    name: 'private_data',
    weight: 0.15,
    verb: /\b(?:medical records?|health records?|genetic data|criminal (?:history|record)|social security numbers?|passport scans?|customer data|personal data|confidential)\b/gi,
  },
  {
    name: 'credentials',
    weight: 0.35,
    verb: /\b(?:passwords?|credentials?|api[ _-]?keys?|(?:access|auth|bearer) tokens?|secret keys?|private keys?|ssh keys?|\.env|kubeconfig|two-factor|2fa|login details)\b/gi,
  },
  {
    name: 'money',
    weight: 0.25,
    verb: /\b(?:transfer\w*|pay(?:s|ing|ment)?|donat\w+|invest\w*|buy(?:ing)?|sell(?:ing)?|purchas\w+|trad(?:e|es|ing)|withdraw\w*|wire|refund\w*|lend\w*|borrow\w*|send(?:ing)?)\b/gi,
    object:
      /[$€£]\s?\d|\b(?:\d[\d,.]*\s?(?:dollars|euros|usd|eur|btc|eth|shares)|stocks?|shares|crypto\w*|bitcoin|salary|funds?|money|account)\b/i,
  },
  {
    name: 'access_grant',
    weight: 0.25,
    verb: /\b(?:grant\w*|giv(?:e|es|ing)|invit(?:e|es|ing)|allow\w*|add(?:s|ing)?|unlock\w*|shar(?:e|es|ing))\b/gi,
    object:
      /\b(?:access|permissions?|admin(?:istrator)?|edit rights?|collaborators?|guests?|private|credentials|doors?)\b/i,
  },
  {
    name: 'privilege',
    weight: 0.35,
    verb: /\b(?:sudo|as root|root access|administrator rights|escalat\w+ (?:privileges?|permissions?)|chmod 777|cluster-admin|disable (?:selinux|rbac))\b/gi,
  },
  {
    name: 'safety_bypass',
    weight: 0.5,
    verb: /\b(?:bypass\w*|disabl(?:e|es|ing)|circumvent\w*|turn(?:ing)? off|skip(?:s|ping)?|ignor(?:e|es|ing)|overrid(?:e|es|ing)|deactivat\w+|evad(?:e|es|ing))\b/gi,
    object:
      /\b(?:safety|security|alarms?|firewalls?|antivirus|checks?|validation|approvals?|monitoring|logging|audit\w*|polic(?:y|ies)|guardrails?|warnings?|limits?|authentication|verification|backups?|consent)\b/i,
  },
  {
    name: 'untrusted_code',
    weight: 0.4,
    verb: /\b(?:download\w*|install\w*|run(?:s|ning)?|execut(?:e|es|ing)|curl|pip|npx)\b/gi,
    object:
      /\b(?:scripts?|softwares?|binar(?:y|ies)|packages?|https?:\/\/\S+|from the (?:internet|web)|recommended|plugins?|extensions?)\b/i,
  },
  {
    name: 'production',
    weight: 0.2,
    verb: /\b(?:production|prod|live (?:system|site|database|traffic)|customer-facing)\b/gi,
  },
  {
    name: 'irreversible',
    weight: 0.3,
    verb: /\b(?:permanent(?:ly)?|irrevers\w+|cannot be undone|unrecoverabl\w+|without (?:a )?backups?|force[- ]?push|--force|hard reset)\b/gi,
  },
  {
    name: 'many_recipients',
    weight: 0.15,
    verb: SHARE,
    object:
      /\b(?:all|every(?:one|body)?|customers|subscribers|followers|clients|public|twitter|social media|channel|mailing list)\b/i,
  },
  {
    name: 'urgency',
    weight: 0.1,
    verb: /\b(?:immediately|urgent(?:ly)?|as soon as possible|asap|right (?:now|away)|quickly|hurry|emergency)\b/gi,
  },
  {
    name: 'person_harm',
    weight: 0.5,
    verb: /\b(?:harass\w*|stalk\w*|spy(?:ing)?|track(?:ing)? (?:him|her|them|my (?:wife|husband|ex))|blackmail\w*|threaten\w*|intimidat\w+|poison\w*|hurt\w*|injur\w+|harm(?:s|ing)?|kill(?:s|ing)? (?!process|the process|-9))\b/gi,
  },
  {
    name: 'medical',
    weight: 0.3,
    verb: /\b(?:dosage|doses?|prescri\w+|medications?|injections?|overdose|allergic reaction|infant|epinephrine|insulin)\b/gi,
  },
  {
    name: 'emergency_services',
    weight: 0.25,
    verb: /\b(?:dispatch\w*|fire alarm|ambulances?|evacuat\w+|earthquake|accident on)\b/gi,
  },
  {
    name: 'attack',
    weight: 0.7,
    verb: /\b(?:malware|ransomware|phish\w*|keylogger|backdoor|ddos|exploit (?:the|a|this)|brute[- ]?force|sql injection|reverse shell|botnet|crack (?:the )?password|rootkit)\b/gi,
  },
];

const DECEPTIVE: readonly HazardPattern[] = [
  {
    name: 'concealment',
    weight: 0.5,
    verb: /\b(?:hid(?:e|ing)|conceal\w*|cover(?:ing)? up|secretly|without (?:telling|informing|their knowledge|anyone knowing|notifying)|don'?t tell|delete the logs|cover (?:my|your|our) tracks)\b/gi,
  },
  {
    name: 'impersonation',
    weight: 0.4,
    verb: /\b(?:impersonat\w+|pretend\w*|pose as|deepfake\w*|forg(?:e|ed|ing)\b|fak(?:e|ed|ing)|fabricat\w+|spoof\w*|make it look like)\b/gi,
  },
  {
    name: 'false_report',
    weight: 0.4,
    verb: /\b(?:claim|report|say|state|tell)\b/gi,
    object:
      /\b(?:(?:even )?(?:if|though) (?:it|they|the) (?:did not|didn'?t|fail\w*)|regardless of (?:the )?result|no matter what happen\w*)\b/i,
  },
  {
    name: 'embellishment',
    weight: 0.15,
    verb: /\b(?:maximi[sz]e (?:sales|engagement|attention)|attract as many|exaggerat\w+|emphasi[sz]ing)\b/gi,
  },
];

const NEGATION =
  /\b(?:do not|don['’]?t|never|not|without|avoid|no need to|instead of|rather than|must not|cannot|nothing)\s+(?:\w+\s+){0,2}$/i;
const MAX_OBJECT_DISTANCE = 200;

/** `CellPhone` and `garbage_can` as separate words; the rest unchanged. */
export const plainWords = (text: string): string => text.replace(/([a-z])([A-Z][a-z])/g, '$1 $2').replace(/_/g, ' ');

const MAX_CLAUSE = 500;

/**
 * Sentences and lines, in pieces of at most 500 characters (patterns cost more than linear time in a clause); "and", "then"
 * and commas do not end a clause, because what is poured is often named before them.
 */
export const clausesOf = (text: string): string[] =>
  plainWords(text)
    .split(/[.!?;]+(?:\s|["'*]|$)|\n+/)
    .flatMap((clause) => clause.trim().match(PIECES) ?? []);

const PIECES = new RegExp(`.{1,${MAX_CLAUSE}}(?:\\s|$)|\\S{${MAX_CLAUSE}}`, 'gs');

/** Hazards of a task's text. Each is counted once; appending a sentence never removes one. English only. */
export function textHazards(text: string): TextHazard[] {
  const clauses = clausesOf(text);
  return [...matches(PATTERNS, clauses), ...physicalHazards(clauses)];
}

/** Hazards to honesty: concealment, impersonation, reports that do not depend on what happened. */
export const deceptionHazards = (text: string): TextHazard[] => matches(DECEPTIVE, clausesOf(text));

function matches(patterns: readonly HazardPattern[], clauses: string[]): TextHazard[] {
  return patterns.flatMap((pattern) => {
    for (const clause of clauses) {
      const evidence = match(pattern, clause);
      if (evidence !== null) return [{ name: pattern.name, weight: pattern.weight, evidence }];
    }
    return [];
  });
}

function match({ verb, object }: HazardPattern, clause: string): string | null {
  for (const hit of clause.matchAll(verb)) {
    if (NEGATION.test(clause.slice(Math.max(0, hit.index - 40), hit.index))) continue;
    const behind = clause.slice(hit.index, hit.index + MAX_OBJECT_DISTANCE);
    const found = object ? object.exec(behind.slice(hit[0].length)) : null;
    if (object && !found) continue;
    return behind.slice(0, hit[0].length + (found ? found.index + found[0].length : 0)).slice(0, 120);
  }
  return null;
}
