import { describe, expect, it } from '@jest/globals';
import { askedBy, askersOf, catalogues, facts, graph, ownerOf, type ServiceName, SERVICES } from './index.js';

const questions = SERVICES.flatMap((service) =>
  Object.values(catalogues[service]).flatMap((catalogue) => Object.values(catalogue).map((rpc) => ({ service, rpc }))),
);

describe('who talks to whom', () => {
  it('questions never go in a circle', () => {
    const visit = (service: ServiceName, path: ServiceName[]): void => {
      expect(path).not.toContain(service);
      for (const asked of askedBy(service)) visit(asked, [...path, service]);
    };
    for (const service of SERVICES) visit(service, []);
  });

  it('every subject belongs to the service that lists it, once', () => {
    for (const { service, rpc } of questions) expect(ownerOf(rpc)).toBe(service);
    const subjects = [...questions.map(({ rpc }) => rpc.subject), ...facts.map((fact) => fact.subject)];
    expect(new Set(subjects).size).toBe(subjects.length);
  });

  it('every question is there to be asked, and listed by its owner', () => {
    for (const { rpc } of questions) expect([rpc.subject, askersOf(rpc)]).not.toEqual([rpc.subject, []]);
    const listed = questions.map(({ rpc }) => rpc);
    for (const question of SERVICES.flatMap((service) => graph[service].asks)) expect(listed).toContain(question);
  });

  it('what people say comes from the gateway alone, and what a run asks from the executor alone', () => {
    const { approval, action, bypass } = catalogues.governance;
    for (const said of [approval!.decide!, approval!.edit!, bypass!.add!, bypass!.revoke!]) {
      expect([said.subject, askersOf(said)]).toEqual([said.subject, ['gateway']]);
    }
    expect(askersOf(approval!.claim!)).toEqual(['executor']);
    expect(askersOf(action!.decide!)).toEqual(['executor']);
  });

  it('subjects read <owner>.<noun>.<verb>.v<n>', () => {
    for (const { rpc } of questions) expect(rpc.subject).toMatch(/^[a-z-]+\.[a-z_]+\.[a-z_]+\.v\d+$/);
    for (const fact of facts) expect(fact.subject).toMatch(/^[a-z-]+\.[a-z_]+\.[a-z_]+ed\.v\d+$/);
  });

  it('whoever hears or watches a fact does it to one that exists', () => {
    for (const { hears, watches } of Object.values(graph)) {
      for (const fact of hears) expect(facts).toContain(fact);
      for (const seen of watches) if (seen.kind === 'fact') expect(facts).toContain(seen);
    }
  });
});
