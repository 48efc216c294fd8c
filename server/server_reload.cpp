#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "base/text.hpp"
#include "engine/serials.hpp"
#include "server/server_impl.hpp"
#include "server/settings.hpp"

// How the running server takes over another configuration.

namespace gslb::server {

namespace asio = boost::asio;

/// Reloads asked for while one is under way are one more, so that what was asked last is what is loaded.
void Server::Impl::reload(const control::ReloadOptions& asked, std::function<void(control::ReloadResult)> done) {
  reload_waiting.push_back(std::move(done));
  reload_limits.accept_geo = reload_limits.accept_geo || asked.accept_geo;
  if (auto& most = reload_limits.max_move; asked.max_move) most = std::min(*asked.max_move, most.value_or(1));
  if (reloading) return;
  reloading = true;
  keepers.builder().post([this, waiting = std::exchange(reload_waiting, {}), limits = std::exchange(reload_limits, {}),
                          begun = base::steady_now(), number = configuration + 1, known = keepers.hosts().addresses(),
                          running = present()] {
    const engine::SnapshotPtr judged_by = limits.accept_geo ? nullptr : running.generation->snapshot;
    Loaded loaded = load_next(judged_by, known, number);
    if (loaded.snapshot && limits.max_move) refuse_larger_move(loaded, running, *limits.max_move);
    if (loaded.snapshot) keepers.republisher().start_from(loaded.snapshot);
    asio::post(context, [this, waiting, begun, loaded = std::move(loaded)]() mutable {
      finish(std::move(loaded), begun, waiting);
    });
  });
}

/// On the builder thread: what was pushed, or else the machine's own files.
Loaded Server::Impl::load_next(const engine::SnapshotPtr& judged_by, health::HostAddresses known,
                               std::uint64_t number) {
  const PushedFiles::Choice choice = pushed->choose(options.config_path);
  Loaded loaded = keepers.load(options.config_path, choice.main, number, sites, tickets, std::move(known), judged_by);
  if (loaded.snapshot && choice.edited) leave_for_edited_files();
  return loaded;
}

/// On the builder thread.
void Server::Impl::leave_for_edited_files() {
  health::ConfigRecord record = pushed->record().value_or(health::ConfigRecord{});
  const std::string why = "they were edited, configuration " + record.id + " ends";
  record.id.clear();
  if (const auto left = pushed->leave(record); !left) base::log_error(left.error().what);
  asio::post(context, [this, record, why] { configs.left_for_files(record, why); });
}

void Server::Impl::load_pushed(std::optional<control::ConfigPush> push, ConfigDesk::Done done) {
  if (!push) {
    return reload({}, [done = std::move(done)](const control::ReloadResult& result) {
      control::ConfigPushOutcome out;
      out.ok = result.ok;
      out.configuration = result.configuration;
      out.errors = result.errors;
      done(std::move(out));
    });
  }
  if (reloading) {
    control::ConfigPushOutcome busy;
    busy.refused = true;
    busy.errors = "a reload is under way: again in a moment\n";
    return done(std::move(busy));
  }
  reloading = true;
  keepers.builder().post([this, push = *std::move(push), done = std::move(done), begun = base::steady_now(),
                          number = configuration + 1, known = keepers.hosts().addresses(), running = present()] {
    Loaded loaded = load_next(running.generation->snapshot, known, number);
    judge_push(loaded, running, push);
    control::ConfigPushOutcome outcome = loaded.judged;
    const bool used = loaded.snapshot && !push.dry_run;
    if (used) keepers.republisher().start_from(loaded.snapshot);
    asio::post(context, [this, used, begun, outcome, loaded = std::move(loaded), done]() mutable {
      if (used) {
        finish(std::move(loaded), begun, {});
      } else {
        ended_reload();
      }
      outcome.configuration = configuration;
      done(std::move(outcome));
    });
  });
}

void Server::Impl::finish(Loaded loaded, base::SteadyTime begun,
                          const std::vector<std::function<void(control::ReloadResult)>>& waiting) {
  control::ReloadResult result;
  result.ok = loaded.snapshot != nullptr;
  if (result.ok) {
    note_settings_that_need_a_restart(loaded.config->server);
    if (!same_vantage(first_sharing, loaded.config->sharing))
      note_warnings({"vantage has changed; it takes effect at the next start"});
    config = loaded.config;
    if (tls && loaded.tls) {
      tls = std::move(loaded.tls);
      workers.use(tls);
    }
    note_warnings(loaded.warnings);
    note_warnings(engine::serials_that_go_back(*health->view().generation->snapshot, *loaded.snapshot));
    if (sharing->running()) health->follow(vantages_of(config->sharing, vantage), fresh_for(config->sharing));
    feed_keeper->follow(config->feeds, config->sharing, vantage);
    health->adopt(loaded.snapshot);
    keepers.follow(loaded);
    sharing->follow(config->sharing);
    if (workers.running()) registrar.follow(config->registration);
    follow_others(sharing->running() ? vantage : host_name());
    ++configuration;
    last_reload_error.clear();
    note_event(health::EventKind::configuration, "configuration " + std::to_string(configuration) + " was loaded");
  } else {
    last_reload_error = loaded.errors;
    note_event(health::EventKind::configuration,
               "a reload was refused, configuration " + std::to_string(configuration) + " goes on");
    base::log_error("reload refused, the running configuration stays:\n" + loaded.errors,
                    {{"configuration", configuration}});
  }
  result.configuration = configuration;
  result.errors = loaded.errors;
  result.refused = loaded.refused;
  result.difference = std::move(loaded.difference);
  result.took = base::steady_now() - begun;
  if (result.ok)
    base::log_info("reloaded", {{"configuration", configuration}, {"took", base::human_duration(result.took)}});
  for (const auto& done : waiting) done(result);
  ended_reload();
}

/// Another may have been asked for meanwhile.
void Server::Impl::ended_reload() {
  reloading = false;
  if (!reload_waiting.empty()) {
    auto last = std::move(reload_waiting.back());
    reload_waiting.pop_back();
    reload({}, std::move(last));
  }
}

/// Through the control thread, as reloads go: a snapshot never overtakes the one that it was made from.
void Server::Impl::publish(engine::SnapshotPtr changed, std::function<void()> done) {
  asio::post(context, [this, changed = std::move(changed), done = std::move(done)]() mutable {
    if (changed) health->replace(std::move(changed));
    done();
  });
}

/// For the log and for `gslbctl status`; of very many, the first.
void Server::Impl::note_warnings(const std::vector<std::string>& found) {
  constexpr std::size_t most_noted = 20;
  for (std::size_t i = 0; i < std::min(found.size(), most_noted); ++i) {
    warnings.push_back(found[i]);
    base::log_warning(found[i]);
  }
  if (found.size() <= most_noted) return;
  warnings.push_back("and " + std::to_string(found.size() - most_noted) + " more: gslbctl check shows them");
  base::log_warning(warnings.back());
}

void Server::Impl::note_settings_that_need_a_restart(config::ServerSpec next) {
  base::configure_log(next.log_format, next.log_level);
  if (!options.listen.empty()) next.listen = spec.listen;
  if (options.threads != 0) next.threads = spec.threads;
  warnings.clear();
  for (const std::string& key : waiting_for_a_restart(spec, next))
    note_warnings({key + " has changed; it takes effect at the next start"});
}

}  // namespace gslb::server
