#include "server/config_desk.hpp"

#include <boost/asio/post.hpp>

#include "base/log.hpp"
#include "config/bundle.hpp"

namespace gslb::server {

namespace asio = boost::asio;

namespace {

constexpr std::chrono::seconds every{1};
constexpr std::size_t readings_kept = 60;
/// A store takes values of 1.5 MiB.
constexpr std::size_t most_shared = std::size_t{1} << 20;
/// Between two tries to take what a store has.
constexpr std::chrono::seconds rest{60};

control::ConfigPushOutcome refusal(std::string why) {
  control::ConfigPushOutcome out;
  out.refused = true;
  out.errors = std::move(why) + "\n";
  return out;
}

}  // namespace

ConfigDesk::ConfigDesk(asio::io_context& control, Builder& builder, std::string own_file,
                       std::shared_ptr<PushedFiles> files, Hooks hooks)
    : control_(control),
      builder_(builder),
      own_file_(std::move(own_file)),
      files_(std::move(files)),
      hooks_(std::move(hooks)),
      timer_(control) {}

void ConfigDesk::start() { look(); }

/// `work` on the builder thread, `then` on this one: unless this has ended by then.
void ConfigDesk::in_turn(std::function<void()> work, std::function<void()> then) {
  builder_.post([&control = control_, work = std::move(work), then = std::move(then)]() mutable {
    work();
    asio::post(control, std::move(then));
  });
}

void ConfigDesk::look() {
  readings_.push_back(hooks_.read());
  if (readings_.size() > readings_kept) readings_.pop_front();
  const base::SteadyTime now = base::steady_now();
  if (trial_ && !busy_) {
    if (const auto why = trial_->soak.trouble(readings_.back(), now)) {
      take_back(*why);
    } else if (trial_->soak.over(now)) {
      keep(trial_->record, trial_->push.bundle, trial_->push.share, [] {});
    }
  }
  timer_.expires_after(every);
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) look();
  });
}

base::WallTime ConfigDesk::next_time() const {
  const auto now = std::chrono::floor<std::chrono::milliseconds>(base::wall_now());
  return record_ ? std::max<base::WallTime>(now, record_->when + std::chrono::milliseconds(1)) : now;
}

/// Puts a bundle on trial on disk, and lets it answer if nothing speaks against it.
void ConfigDesk::attempt(const control::ConfigPush& push, Done done) {
  busy_ = true;
  const auto begun = std::make_shared<base::Result<void>>();
  in_turn([files = files_, begun, bundle = push.bundle] { *begun = files->begin(bundle); },
          [this, begun, push, done = std::move(done)] {
            if (!*begun) {
              busy_ = false;
              return done(refusal(begun->error().what));
            }
            hooks_.load(push, [this, dry = push.dry_run, done](control::ConfigPushOutcome outcome) {
              busy_ = false;
              if (!outcome.ok || dry) builder_.post([files = files_] { files->end(); });
              done(std::move(outcome));
            });
          });
}

void ConfigDesk::push(control::ConfigPush push, Done done) {
  if (busy_) return done(refusal("another push is under way"));
  if (trial_) return done(refusal("configuration " + trial_->id + " is on trial: gslbctl config show says how long"));
  const std::string id = config::name_of_bundle(push.bundle);
  // New targets know nothing yet: what is open then is no matter of before.
  attempt(push, [this, push, id, open_before = hooks_.read().open,
                 done = std::move(done)](control::ConfigPushOutcome outcome) mutable {
    outcome.id = id;
    if (!outcome.ok || push.dry_run) return done(std::move(outcome));
    const health::ConfigRecord record{id, next_time(), push.author, push.reason};
    if (push.soak == std::chrono::milliseconds(0))
      return keep(record, push.bundle, push.share, [done = std::move(done), outcome] { done(outcome); });
    Reading now = hooks_.read();
    now.open = open_before;
    Soak soak(readings_.empty() ? now : readings_.front(), now, outcome.most_moved, base::steady_now(), push.soak);
    trial_.emplace(Trial{std::move(push), id, record, std::move(soak)});
    hooks_.tell("configuration " + id + " of " + record.author + " is on trial");
    done(std::move(outcome));
  });
}

void ConfigDesk::keep(const health::ConfigRecord& record, const std::string& bundle, bool share,
                      std::function<void()> done) {
  busy_ = true;
  const auto kept = std::make_shared<base::Result<void>>();
  in_turn([files = files_, kept, record, own = own_file_] { *kept = files->keep(record, own); },
          [this, kept, record, bundle, share, done = std::move(done)] {
            busy_ = false;
            trial_.reset();
            record_ = record;
            last_id_ = record.id;
            last_trial_ = *kept ? "kept" : "kept until the next start only: " + kept->error().what;
            hooks_.tell("configuration " + record.id + " of " + record.author + " is " + last_trial_);
            if (share) spread(record, bundle);
            done();
          });
}

void ConfigDesk::take_back(const std::string& why) {
  busy_ = true;
  last_id_ = trial_->id;
  last_trial_ = "rolled back: " + why;
  base::log_error("configuration " + last_id_ + " is taken back: " + why);
  hooks_.tell("configuration " + last_id_ + " of " + trial_->record.author + " is " + last_trial_);
  builder_.post([files = files_] { files->end(); });
  hooks_.load({}, [this](const control::ConfigPushOutcome& outcome) {
    busy_ = false;
    trial_.reset();
    if (!outcome.ok) last_trial_ += "; what ran before could not be loaded, it goes on until gslbctl reload can";
  });
}

void ConfigDesk::leave(const std::string& author, const std::string& reason, Done done) {
  if (busy_) return done(refusal("a push is under way"));
  if (!trial_ && (!record_ || record_->id.empty())) return done(refusal("this machine's own files hold already"));
  const bool only_trial = trial_.has_value();
  if (only_trial) {
    last_id_ = trial_->id;
    last_trial_ = "rolled back: " + author + " took it back";
  }
  busy_ = true;
  const health::ConfigRecord record{"", next_time(), author, reason};
  const auto left = std::make_shared<base::Result<void>>();
  in_turn(
      [files = files_, left, record, only_trial] {
        files->end();
        if (!only_trial) *left = files->leave(record);
      },
      [this, left, record, only_trial, done = std::move(done)] {
        if (!*left) {
          busy_ = false;
          return done(refusal(left->error().what));
        }
        hooks_.load({}, [this, record, only_trial, done](control::ConfigPushOutcome outcome) {
          busy_ = false;
          trial_.reset();
          if (!only_trial) {
            left_for_files(record, "says " + record.author);
            publish(record);
          }
          done(std::move(outcome));
        });
      });
}

void ConfigDesk::left_for_files(const health::ConfigRecord& record, const std::string& why) {
  record_ = record;
  const std::string what = "this machine's own files hold again: " + why;
  base::log_info(what);
  hooks_.tell(what);
}

control::ConfigView ConfigDesk::view() const {
  control::ConfigView out;
  if (record_) {
    out.pushed = record_->id;
    out.author = record_->author;
    out.reason = record_->reason;
    out.when = record_->when;
  }
  if (trial_) {
    out.pushed = trial_->id;
    out.author = trial_->record.author;
    out.reason = trial_->record.reason;
    out.when = trial_->record.when;
    out.soak_left = std::max(base::Duration{}, trial_->soak.left(base::steady_now()));
  }
  out.last_trial = last_trial_;
  out.last_id = last_id_;
  out.shared = hooks_.store() != nullptr;
  return out;
}

void ConfigDesk::spread(const health::ConfigRecord& record, const std::string& bundle) {
  health::SharedStore* store = hooks_.store();
  if (store == nullptr) return;
  if (bundle.size() > most_shared) {
    problem_ = "configuration " + record.id + " is too large for the shared store: push it to each name server";
    return base::log_warning(problem_);
  }
  store->put(std::string(health::ConfigRecord::files_prefix) + record.id, bundle, std::nullopt,
             [this, record](const base::Result<std::uint64_t>& done) {
               if (done) return publish(record);
               problem_ = "configuration " + record.id + " is not in the shared store: " + done.error().what;
               base::log_warning(problem_);
             });
}

void ConfigDesk::publish(const health::ConfigRecord& record) {
  if (health::SharedStore* store = hooks_.store(); store != nullptr)
    store->put(std::string(health::ConfigRecord::key), to_text(record), std::nullopt,
               [this](const base::Result<std::uint64_t>& done) {
                 problem_ = done ? "" : "the shared store does not say what was pushed: " + done.error().what;
               });
}

void ConfigDesk::read_store(const health::Listing& listing, health::SharedStore& store) {
  if (busy_ || trial_) return;
  std::optional<health::ConfigRecord> there;
  for (const health::StoredValue& value : listing.values)
    if (value.key == health::ConfigRecord::key) there = health::parse_config_record(value.value);
  if (there && (!record_ || there->when > record_->when)) {
    if (*there == tried_record_ && base::steady_now() - tried_ < rest) return;
    tried_record_ = *there;
    tried_ = base::steady_now();
    if (there->id.empty()) {
      if (record_ && !record_->id.empty()) leave(there->author, there->reason, [](const auto&) {});
      return;
    }
    if (record_ && record_->id == there->id) return;
    return take_from_store(*there, store);
  }
  // It was cut off when this was pushed, or has been wiped.
  if (record_ && !record_->id.empty() && !there) {
    const auto bundle = std::make_shared<base::Result<std::string>>(std::string());
    in_turn([files = files_, bundle] { *bundle = files->bundle(); },
            [this, record = *record_, bundle] {
              if (*bundle) spread(record, **bundle);
            });
  }
}

void ConfigDesk::take_from_store(const health::ConfigRecord& record, health::SharedStore& store) {
  const std::string key = std::string(health::ConfigRecord::files_prefix) + record.id;
  const auto fail = [this, record](const std::string& why) {
    problem_ = "configuration " + record.id + " of the shared store is not taken: " + why;
    base::log_error(problem_);
  };
  busy_ = true;
  store.list(key, [this, key, record, fail](const base::Result<health::Listing>& listing) {
    busy_ = false;
    if (!listing) return fail(listing.error().what);
    if (listing->values.size() != 1 || listing->values.front().key != key) return fail("it is not there");
    control::ConfigPush push;
    push.bundle = listing->values.front().value;
    push.force = true;  // it was judged where it was tried
    if (config::name_of_bundle(push.bundle) != record.id) return fail("it is another");
    attempt(push, [this, fail, record, bundle = push.bundle](const control::ConfigPushOutcome& outcome) {
      if (!outcome.ok) return fail(outcome.errors);
      problem_.clear();
      keep(record, bundle, false, [] {});
    });
  });
}

std::vector<std::string> ConfigDesk::warnings() const {
  return problem_.empty() ? std::vector<std::string>{} : std::vector<std::string>{problem_};
}

}  // namespace gslb::server
