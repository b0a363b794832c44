// What the tests are told by their environment.

/** A variable that must be set. */
export function setting(name: string): string {
  const value = process.env[name];
  if (!value) {
    throw new Error(
      `${name} is not set. \`cargo test -p tests --test e2e client\` starts a shop and sets it.`,
    );
  }
  return value;
}

/** The scenarios' stage behind this proxy. */
export function stageAt(url: string) {
  return {
    url,
    customerToken: setting("HEADGATE_TOKEN"),
    adminToken: setting("HEADGATE_ADMIN_TOKEN"),
  };
}
