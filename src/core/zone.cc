#include "action_scheduler/zone.h"

#include <algorithm>
#include <utility>

#include "core/search_steps.h"

namespace action_scheduler {
namespace {

using std::chrono::local_seconds;

constexpr Seconds kPeriod{146097LL * 86400};  // 400 Gregorian years, a whole number of weeks
constexpr int kBucketBits = 24;               // about 194 days: most buckets meet one or two spans

local_seconds local_at(Instant t, Seconds offset) { return local_seconds{t.time_since_epoch() + offset}; }

}  // namespace

Zone::Zone(std::string name, Seconds first_offset, std::vector<ZoneTransition> transitions, Instant periodic_from)
    : name_(std::move(name)),
      least_offset_(first_offset),
      greatest_offset_(first_offset),
      periodic_(periodic_from < Instant::max() && !transitions.empty()),
      bucket_origin_(transitions.empty() ? Instant::min() : transitions.front().at) {
  spans_.reserve(transitions.size() + 1);
  spans_.push_back({Instant::min(), Instant::max(), first_offset, local_seconds::min()});
  for (const ZoneTransition& transition : transitions) {
    Span& before = spans_.back();
    before.end = transition.at;
    const local_seconds passed = std::max(before.passed, local_at(transition.at, before.offset));
    spans_.push_back({transition.at, Instant::max(), transition.offset, passed});
    least_offset_ = std::min(least_offset_, transition.offset);
    greatest_offset_ = std::max(greatest_offset_, transition.offset);
  }
  if (transitions.empty()) return;

  const auto buckets = ((transitions.back().at - bucket_origin_).count() >> kBucketBits) + 1;
  span_by_bucket_.reserve(static_cast<std::size_t>(buckets) + 1);
  std::uint32_t span = 1;
  for (std::int64_t bucket = 0; bucket <= buckets; ++bucket) {
    const Instant start = bucket_origin_ + Seconds{bucket << kBucketBits};
    while (span + 1 < spans_.size() && spans_[span + 1].begin <= start) ++span;
    span_by_bucket_.push_back(span);
  }
}

Zone::Span Zone::span_at(Instant t) const {
  search_step();
  if (t < spans_.front().end) return spans_.front();
  if (t >= spans_.back().begin) return periodic_ ? folded(t) : spans_.back();
  const auto bucket = static_cast<std::size_t>((t - bucket_origin_).count() >> kBucketBits);
  const auto first = spans_.begin() + span_by_bucket_[bucket];
  const auto last = spans_.begin() + span_by_bucket_[bucket + 1] + 1;
  return *(std::upper_bound(first + 1, last, t, [](Instant at, const Span& span) { return at < span.begin; }) - 1);
}

// Beyond the last transition the rules of the 400 years before it apply again.
Zone::Span Zone::folded(Instant t) const {
  const Instant end = spans_.back().begin;
  const Seconds shift = ((t - end) / kPeriod + 1) * kPeriod;
  Span span = span_at(t - shift);
  span.begin += shift;
  span.end += shift;
  span.passed += shift;
  return span;
}

Instant Zone::first_reaching(std::chrono::local_seconds local) const {
  Span span = span_at(Instant{local.time_since_epoch() - greatest_offset_});
  while (true) {
    const Instant at{local.time_since_epoch() - span.offset};
    if (at < span.begin) return span.begin;
    if (at < span.end) return at;
    span = span_at(span.end);
  }
}

}  // namespace action_scheduler
