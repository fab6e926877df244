import type { NamingFinding } from '../model/naming-finding.js';
import type { ConventionRegistry } from './registry.js';

/*
 * The rules for attribute names of the OpenTelemetry semantic conventions (docs/general/naming.md), with the ids and
 * levels of Weaver's live check.
 */
const FORMAT = /^[a-z][a-z0-9]*(?:[._][a-z0-9]+)*$/;
/** Header, parameter and label names keep their own form behind these prefixes. */
const FOREIGN_SUFFIX =
  /^(?:http\.(?:request|response)\.header|rpc\.(?:request|response)\.metadata|rpc\.grpc\.(?:request|response)\.metadata|db\.(?:query|operation)\.parameter|k8s\.[a-z]+\.(?:label|annotation)|container\.label|process\.environment_variable)\./;

/** All that is wrong with an attribute key, worst first. */
export function checkAttributeName(key: string, registry: ConventionRegistry): NamingFinding[] {
  const known = registry.find(key);
  const findings: NamingFinding[] = [];
  const renamedTo = known?.deprecated?.renamedTo;
  if (known?.deprecated !== undefined && known.deprecated.reason !== 'moved') {
    findings.push({
      id: 'deprecated',
      level: 'violation',
      message: renamedTo ? `Attribute ${key} is deprecated: use ${renamedTo}.` : `Attribute ${key} is deprecated.`,
      context: {
        attribute_key: key,
        deprecation_reason: known.deprecated.reason,
        ...(renamedTo && { renamed_to: renamedTo }),
      },
    });
  }
  if (known !== undefined) return findings;
  if (key.startsWith('otel.')) {
    findings.push({
      id: 'illegal_namespace',
      level: 'violation',
      message: `Attribute ${key} is in the namespace otel, which OpenTelemetry reserves.`,
      context: { attribute_key: key, namespace: 'otel' },
    });
  }
  if (!FORMAT.test(key) && !FOREIGN_SUFFIX.test(key)) {
    findings.push({
      id: 'invalid_format',
      level: 'violation',
      message: `Attribute ${key} is not lower case with dots between namespaces and underscores between words.`,
      context: { attribute_key: key },
    });
  } else if (!key.includes('.')) {
    findings.push({
      id: 'missing_namespace',
      level: 'improvement',
      message: `Attribute ${key} has no namespace: names like com.example.${key} cannot clash.`,
      context: { attribute_key: key },
    });
  }
  return findings;
}
