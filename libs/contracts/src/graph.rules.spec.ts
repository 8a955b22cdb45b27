import { describe, expect, it } from '@jest/globals';
import { catalogues, facts, graph, ownerOf, type ServiceName, SERVICES } from './index.js';

const questions = SERVICES.flatMap((service) =>
  Object.values(catalogues[service]).flatMap((catalogue) => Object.values(catalogue).map((rpc) => ({ service, rpc }))),
);

describe('who talks to whom', () => {
  it('questions never go in a circle', () => {
    const visit = (service: ServiceName, path: ServiceName[]): void => {
      expect(path).not.toContain(service);
      for (const asked of graph[service].asks) visit(asked, [...path, service]);
    };
    for (const service of SERVICES) visit(service, []);
  });

  it('every subject belongs to the service that lists it, once', () => {
    for (const { service, rpc } of questions) expect(ownerOf(rpc)).toBe(service);
    const subjects = [...questions.map(({ rpc }) => rpc.subject), ...facts.map((fact) => fact.subject)];
    expect(new Set(subjects).size).toBe(subjects.length);
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
