#include "weir/run/glossary.h"

#include <cctype>

namespace weir::run {

const std::vector<Term>& glossary() {
  static const std::vector<Term> all = {
      {"W001", "a step offered more than 70% of what the generator alone can send",
       "above that the generator may be the limit; latencies may hold its own lateness",
       "give the generator cores of its own, or more of them: --set load.processes=2"},
      {"W002", "a step offered more than 70% of what weir's observer alone can read",
       "above that results may be seen late, and latencies hold the observer's own lateness",
       "give weir a core of its own, or offer less"},
      {"W003", "the run's folder lies in memory (tmpfs)",
       "a flush costs nothing there, so durable writes look cheaper than on a disk",
       "choose --out on a real disk"},
      {"W004", "few files may be open at a time",
       "a broker with many partitions or clients may run out of them",
       "raise the limit: ulimit -n 65536"},
      {"W005", "other programs used more than a tenth of the cores while a step was measured",
       "the pipeline had less than the machine has, so rates may be too low and latencies too high",
       "stop what else runs here, then measure again"},
      {"W006", "the hypervisor kept more than 5% of the cores while a step was measured",
       "another guest of the same host took part of this machine; nothing here can prevent it",
       "measure again at another time, or on a machine of one's own"},
      {"W040", "something that the run did to its target could not be undone",
       "it may still be in effect, here or on the cluster",
       "mend what is in its way, then: weir undo"},
      {"W041", "a condition of faults.stop_if held, so no more faults were begun",
       "there are fewer repetitions than the plan asks for, and wider intervals",
       "see to what the condition guards, then run the faults again"},

      {"keeps_up", "the pipeline carries this rate, with 95% confidence",
       "its latency percentiles hold, and the rate counts as sustainable",
       "nothing; weir run load searches the highest such rate"},
      {"stretched", "the load is carried, but batches take longer than the trigger",
       "nothing piles up, yet results come later than the trigger promises",
       "lengthen the trigger, add workers, or offer less"},
      {"falls_behind", "the backlog grows, with 95% confidence",
       "the step has no latency percentiles: they would tell how long one looked",
       "offer less, add partitions or workers; limited_by names the side that was full"},
      {"undecided", "the step was too short or too noisy to tell",
       "the rate counts neither as sustained nor as failed",
       "measure longer: --set load.step=120s, and leave the machine alone meanwhile"},
      {"invalid", "generator, observer or clock were the limit, not the pipeline",
       "the step says nothing about the pipeline; its reason names the cause",
       "give weir cores of its own, or offer less"},

      {"better", "the whole interval of a change lies beyond what is allowed, to the good",
       "the head improved by more than noise explains", "nothing"},
      {"worse", "the whole interval of a change lies beyond what is allowed, to the bad",
       "weir compare ends with 4 where the measure decides",
       "look at what differs; weir compare lists it"},
      {"within", "the whole interval of a change lies within what is allowed",
       "it does not matter by the rule that was set", "nothing"},
      {"cannot_tell", "the interval of a change reaches beyond one end of what is allowed",
       "the runs are too few or too noisy for an answer",
       "measure as many pairs as weir compare asks for, on a quiet machine"},

      {"lost", "acknowledged by the broker, and absent from the results after the drain",
       "the pipeline broke its promise", "the ids stand in the step's audit.json"},
      {"duplicated", "seen in the results more often than it was sent",
       "expected under at least once, a fault under exactly once",
       "the ids stand in the step's audit.json"},
      {"pending", "not visible when the drain ended, and so not known to be lost",
       "percentiles that they touch are lower bounds",
       "lengthen the step, so that the drain is longer"},
      {"unknown", "sent, and neither acknowledged nor refused before the producer ended",
       "it may be in the topic or not; it counts as neither lost nor duplicated",
       "nothing: an outcome that nobody was told"},
      {"foreign", "a result with an id that no producer of this run gave",
       "somebody else writes to the topic", "give the run a topic of its own"},
      {"receipt_lost", "a batch that is proved committed, whose measurements died with the engine",
       "its events are known to be processed, their latency is not",
       "use --set engine.workload=forward, whose results are kept in Kafka"},
      {"reordered", "a result that came after one of a later event of the same partition",
       "order within a partition was not kept", "look at the step's audit.json"},

      {"sigma", "of a law of scaling: the share of the work that tasks do one after the other",
       "throughput never exceeds what one task does divided by it",
       "look for what the tasks share: limited_by names the side that was full"},
      {"kappa", "of the universal scalability law: what each pair of tasks costs both",
       "beyond a number of tasks throughput goes down again",
       "use fewer tasks, or let them share less"},

      {"noticed_s", "from the injection until the supervisor saw the failure",
       "the least that any recovery takes", "shorten health checks or session timeouts"},
      {"first_output_s", "from the injection until the first result of the restarted pipeline",
       "how long readers saw nothing new", "shorten the restart, or keep a spare running"},
      {"drained_s", "from the injection until the backlog was as low as before",
       "how long the pipeline was behind", "leave more headroom: offer less than the capacity"},
      {"in_band_s", "from the injection until latency was as low as before",
       "how long results were late", "leave more headroom: offer less than the capacity"},
  };
  return all;
}

const Term* explain(const std::string& word) {
  std::string plain;
  for (const char c : word)
    plain += c == ' ' || c == '-' ? '_' : char(std::tolower(static_cast<unsigned char>(c)));
  for (const auto& term : glossary()) {
    std::string known;
    for (const char c : term.word) known += char(std::tolower(static_cast<unsigned char>(c)));
    if (known == plain) return &term;
  }
  return nullptr;
}

}  // namespace weir::run
