// The simulated librdkafka: the functions of <librdkafka/rdkafka.h> that the delivery uses, on a Cluster. What links it does not
// link the real one.
#pragma once

namespace action_scheduler::simulation {

class Cluster;
class Surroundings;

// What all clients talk to from now on; null: nothing. Single-threaded.
void connect_librdkafka(Cluster* cluster, Surroundings* surroundings);

}  // namespace action_scheduler::simulation
