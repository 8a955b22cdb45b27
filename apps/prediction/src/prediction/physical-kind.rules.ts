/*
 * Kinds of physical things, as alternations over plain lower-case words. Members of a kind are interchangeable for every
 * hazard; a new household object is added here and nowhere else.
 */

export const ELECTRIC =
  'laptops?|computers?|televisions?|tvs?|cell ?phones?|phones?|tablets?|remote controls?|alarm clocks?|clocks?|lamps?|desk lamps?|floor lamps?|light switch(?:es)?|toasters?|microwaves?|coffee machines?|stoves?|stove burners?|stove knobs?|burners?|fridges?|refrigerators?|outlets?|sockets?|keyboards?|monitors?|printers?|routers?|servers?|chargers?|wires?|speakers?|radios?|fans?|heaters?|irons?|blenders?|vacuum cleaners?';
export const PORTABLE =
  'laptops?|computers?|cell ?phones?|phones?|tablets?|remote controls?|alarm clocks?|desk lamps?|keyboards?|chargers?|radios?';
export const SINKS =
  'sinks?|sink basins?|basins?|cups?|mugs?|bowls?|pots?|pans?|kettles?|glass(?:es)?|bottles?|jugs?|buckets?|bath ?tubs?|bath ?tub basins?|toilets?|drains?|house ?plants?|plants?|flowers?|vases?|watering cans?|pitchers?|containers?';
export const VALUABLE =
  'laptops?|computers?|televisions?|tvs?|cell ?phones?|phones?|tablets?|credit ?cards?|wallets?|watch(?:es)?|key ?chains?|keys|passports?|jewel(?:le)?ry|rings?|remote controls?|alarm clocks?|statues?|books?|newspapers?|paintings?|documents?';
export const FOOD =
  'potato(?:es)?|bread|apples?|tomato(?:es)?|lettuce|soup|milk|rice|meat|chicken|food|leftovers|meals?|pizza|vegetables?|popcorn|slices?(?: of \\w+)?';
export const COOKWARE = 'pans?|pots?|kettles?|skillets?';
export const LAUNCHABLE =
  'balls?|basket ?balls?|base ?ball bats?|bats?|tennis rackets?|rackets?|pillows?|cloth(?:s|es)?|toilet paper|paper towels?';
export const SHARP = 'knives|knife|butter ?kni(?:fe|ves)|scissors|forks?|blades?|razors?';
export const BIN = 'garbage ?cans?|trash ?cans?|bins?|trash|waste ?baskets?|recycling';

/** Whole words of these alternations, any case. */
export const word = (alternatives: string): RegExp => new RegExp(`\\b(?:${alternatives})\\b`, 'i');

export const LIQUID =
  /\b(?:water|coffee|wine|tea|milk|juice|soup|oil|beer|soda|liquids?|bleach|paint|ink|vinegar|gasoline|petrol)\b/i;
export const FLAME = /\b(?:candles?|match(?:es)?|lighters?|torch(?:es)?|stove|fire|flames?)\b/i;
export const SOFT = /\b(?:pillows?|cloth|towels?|paper|sponge|blankets?|clothes)\b/i;
export const INTO = /\b(?:on|onto|into|in|inside|over|upon|at|across|to|it with|it on)\b/i;
export const ELECTRIC_WORD = word(ELECTRIC);
export const VALUABLE_WORD = word(VALUABLE);
export const SAFE_IN_MICROWAVE = word(FOOD);
export const BIN_WORD = word(BIN);
