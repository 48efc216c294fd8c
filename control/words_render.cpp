// The verb of gslbctl that writes for others: render.
#include <memory>

#include "control/ctl_render.hpp"
#include "control/words.hpp"

namespace gslb::control {

void add_render_words(Words& words) {
  struct Parsed {
    RenderOptions options;
    double seconds = 0;
    CLI::Option* watch = nullptr;
  };
  const auto parsed = std::make_shared<Parsed>();
  CLI::App* sub = words.verb(
      nullptr, "render", "a balancer's configuration from a template and the live state, checked, reloaded if changed",
      "  gslbctl render www.mustache                      to standard output\n"
      "  gslbctl render www.mustache --output /etc/haproxy/www.cfg \\\n"
      "      --check 'haproxy -c -f /etc/haproxy/haproxy.cfg -f \"$1\"' \\\n"
      "      --reload 'systemctl reload haproxy' --watch\n"
      "  gslbctl render up.mustache --output /etc/nginx/conf.d/up.conf --check 'nginx -t' --reload 'nginx -s reload'",
      [parsed](const Asked& asked) {
        RenderOptions options = parsed->options;
        const std::chrono::duration<double> pause(parsed->seconds);
        if (parsed->watch->count() > 0) options.again = std::chrono::duration_cast<std::chrono::milliseconds>(pause);
        return render(asked.connection, asked.output, options);
      });
  RenderOptions& options = parsed->options;
  sub->add_option("TEMPLATE", options.source, "Mustache; docs/pairing/render.md lists its names")->required();
  CLI::Option* output = sub->add_option("--output", options.output, "the file to keep")->type_name("FILE");
  sub->add_option(
         "--check", options.check,
         "sh runs it; \"$1\" is the new file, not yet in place. Without \"$1\" in it: in place, and back if it fails")
      ->type_name("COMMAND")
      ->needs(output);
  sub->add_option("--reload", options.reload, "sh runs it after the file changed; if it fails the old file comes back")
      ->type_name("COMMAND")
      ->needs(output);
  sub->add_flag("--dry-run", options.dry_run, "change nothing; exit code 10 if the file would change")->needs(output);
  parsed->watch = sub->add_option("--watch", parsed->seconds, "again every so many seconds (default 2), until Ctrl-C")
                      ->type_name("[SECONDS]")
                      ->expected(0, 1)
                      ->default_str("2")
                      ->check(CLI::Range(0.05, 86400.0))
                      ->needs(output);
}

}  // namespace gslb::control
