vcl 4.1;

# Varnish with its built-in rules, before the benchmark's origin.
backend origin {
  .host = "127.0.0.1";
  .port = "{{ORIGIN_PORT}}";
}
