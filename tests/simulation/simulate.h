// Running many histories, and telling of one that fails so that a person can go on from there.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "tests/simulation/history.h"
#include "tests/simulation/world.h"

namespace action_scheduler::simulation {

Account live(const History& history, bool verbose = false);

// What to print of a history that failed: what is wrong, the least list of its events that still fails, and how to replay it.
std::string describe_failure(const History& history, const Account& account);

// Each showed a bug that is mended: tried in every run of the tests. The generation is that of the histories which the seed
// meant.
struct RegressionSeed {
  std::uint64_t seed;
  Generation generation;
};
inline constexpr RegressionSeed kRegressionSeeds[] = {
    {524, Generation::faults},
    {1017, Generation::faults},
    {1333, Generation::faults},
    {1581, Generation::faults},
    {2108, Generation::faults},
    {2183, Generation::faults},
    {2373, Generation::faults},
    {2647, Generation::faults},
    {3852, Generation::faults},
    {4077, Generation::faults},
    {5956, Generation::faults},
    {7977, Generation::faults},
    {9358, Generation::faults},
    {12341, Generation::faults},
    {13196, Generation::faults},
    {15408, Generation::faults},
    {29585, Generation::faults},
    {29963, Generation::faults},
    {33470, Generation::faults},
    {105962, Generation::faults},
    {111933, Generation::faults},
    // The clock set back for good, or a row that changes its mind while the clock is back: fires of a merge that was interrupted
    // lost.
    {505533, Generation::faults},
    {572444, Generation::faults},
    // The clock set back while fires were in doubt: they came again without a mark.
    {72780, Generation::faults},
    // A crash between the change of a schedule and the note of what ended with it.
    {505226, Generation::requests},
    {507992, Generation::requests},
    // The clock set back behind what was settled, while a merge was under way.
    {505533, Generation::requests},
    // Settled by hand before the receiver had told that it took more than the ledger knew of.
    {12544, Generation::requests},
    // Of an action with jitter more was given up twice; the second note took the place of the first.
    {3184, Generation::requests},
    {4139, Generation::requests},
    {504587, Generation::requests},
    // Given up by hand while a window was under way in which it merges: planned again, and ended twice.
    {556728, Generation::requests},
    // Killed between the write of the first rows and that of the first watermark, the table unreadable from then on.
    {72870, Generation::requests},
    // Settled by hand before a change was in effect that had been seen while the ledger could not be written.
    {1053468, Generation::requests},
    {2036217, Generation::requests},
    // Set back for good before the first poll: the position of another day counted for its rows all the same.
    {2032075, Generation::requests},
    // A claim that failed amid a hand-over was noticed at the next fire, an hour later; and claimed anew amid a merge.
    {1048433, Generation::requests},
    {1000681, Generation::requests},
    {1001915, Generation::requests},
    // An intent before the first watermark.
    {1000925, Generation::requests},
    {2054626, Generation::requests},
    // What was parked of a former schedule lay ahead of the clock that was set back, and was counted for the new one.
    {2229862, Generation::requests},
    // Stopped while it waited for a clock that was set back: what came due meanwhile was not taken for missed.
    {1438740, Generation::requests},
    // Handed over again in smaller batches without a mark, while a part of it was in doubt.
    {1330250, Generation::requests},
    {2357074, Generation::requests},
    // Merged into a fire that is parked ahead of the rest, of a row that then merges no more: planned again.
    {1293830, Generation::requests},
    {1467034, Generation::requests},
    // Set ahead, and back by more than is waited for, amid a window: the rest of it came early, what was to be merged not at all;
    {3089250, Generation::requests},
    // the same after a crash;
    {4519696, Generation::requests},
    // and set ahead amid a window, the rest of which said that it came on time.
    {4529007, Generation::requests},
    // A topic that had been silent once was set aside for minutes when it lost one message an hour later.
    {3066732, Generation::requests},
    // All rows deleted before the first watermark, an intent left open: waited for its table and for its window for ever.
    {4054663, Generation::requests},
    // Parked, the clock set back, tried again before it was due, and once more when it was.
    {6030209, Generation::requests},
    // Stopped while something could not be written: what it missed said that it came on time.
    {6548212, Generation::requests},
    // Set back while nothing answered: what was parked ahead of the watermark expired, and once more with its schedule.
    {6229603, Generation::requests},
    // Here the model was wrong: what was merged before the clock was set back for good;
    {509608, Generation::faults},
    // merging that ends for all because one row changes its mind;
    {50202, Generation::faults},
    {519276, Generation::faults},
    {551564, Generation::faults},
    // a ledger that is lost after the clock was set back;
    {542407, Generation::faults},
    // a stop that begins at the end of another;
    {35361, Generation::faults},
    // a window that began before the clock was set back, finished after a crash;
    {39339, Generation::faults},
    // an action that ends while a commit is in doubt;
    {567430, Generation::faults},
    {579208, Generation::faults},
    // what is acknowledged beside something of the same instant that is not;
    {64356, Generation::faults},
    // two requests of one second that nobody was answered, and which of them was heard;
    {11634, Generation::requests},
    // a row that changes what becomes of missed fires while a commit is in doubt;
    {21369, Generation::requests},
    {34629, Generation::requests},
    // a disk that fails while the process is stopped amid an answer;
    {22767, Generation::requests},
    // parked fires of an action that is deleted, lost with the ledger;
    {22868, Generation::requests},
    // a fault put off beyond the end of all faults;
    {66281, Generation::requests},
    // a shutdown while what was taken over takes its turn;
    {1057003, Generation::requests},
    // a process that is stopped amid work that is behind;
    {1060928, Generation::requests},
    // settling without a ledger and without a table;
    {2089602, Generation::requests},
    // a ledger that has its first rows and no watermark yet;
    {1120121, Generation::requests},
    // what stood for merged fires, parked, and lost with the ledger;
    {2160694, Generation::requests},
    // a row that merges no more while what it merged is in doubt;
    {2175817, Generation::requests},
    // a shutdown that keeps it away until the end;
    {2239949, Generation::requests},
    // two backfills of one second, the times of one among those of the other, and which of them was heard;
    {2295686, Generation::requests},
    // what was noted of an action that had ended when another scheduler took over;
    {1436774, Generation::requests},
    // two requests with one key, unanswered, between which the actuality time changed;
    {2508031, Generation::requests},
    // settling before the table is known;
    {3039851, Generation::requests},
    {3065653, Generation::requests},
    // a ledger that is lost, and whose successor dies before it knows a row;
    {3087870, Generation::requests},
    // backfills of one second, unanswered, the shortest of which was heard;
    {5092296, Generation::requests},
    // a request in the second of one that was lost with its ledger, asked for once more;
    {6828020, Generation::requests},
    // what jitter brings out of order, taken while its row began to merge;
    {7644715, Generation::requests},
    // settling by hand what was merged into a parked fire already;
    {7935778, Generation::requests},
    // two requests with one key, one died unanswered, the other was refused by a ledger that had it after the crash.
    {10253042, Generation::unheard},
    // A sync that failed, and then the power.
    {30001696, Generation::unheard},
    {30005653, Generation::unheard},
    // Parked while the clock was ahead, and merged into: its row merges no more, the clock is set back, and nothing comes.
    {40530551, Generation::unheard},
    // Killed under a wrong clock before its first watermark: rows that had been seen under it fell silent with a later restart.
    {30030368, Generation::unheard},
};

struct Campaign {
  std::uint64_t first_seed = 1;
  std::uint64_t seeds = 1000;
  Generation generation = Generation::unheard;
};
struct CampaignResult {
  std::uint64_t seeds = 0;  // that were lived through
  std::uint64_t arrivals = 0;
  std::uint64_t ended_otherwise = 0;
  std::uint64_t deaths = 0;
  std::uint64_t take_overs = 0;
  std::uint64_t requests = 0;
  std::uint64_t requests_accepted = 0;
  double simulated_hours = 0;
  double action_hours = 0;                   // the same times the actions of each history
  std::optional<std::uint64_t> failed_seed;  // the first; nothing was tried after it
  Account failure;
};
CampaignResult run(const Campaign& campaign);

}  // namespace action_scheduler::simulation
