#include "weir/spark/plan_message.h"

#include <connect.pb.h>
#include <fmt/format.h>

namespace weir::spark {
namespace {
namespace wire = ::spark::connect;

// Relations are built outwards: each step takes what was built so far as its input.
class Relations {
 public:
  wire::Relation* next() {
    auto relation = std::make_unique<wire::Relation>();
    relation->mutable_common()->set_plan_id(plan_id_++);
    inner_ = std::move(built_);
    built_ = std::move(relation);
    return built_.get();
  }
  wire::Relation* take_inner() { return inner_.release(); }
  wire::Relation* take() { return built_.release(); }

 private:
  std::unique_ptr<wire::Relation> built_, inner_;
  int64_t plan_id_ = 0;
};

void set(wire::Expression* expression, const std::string& sql) {
  expression->mutable_expression_string()->set_expression(sql);
}

void project(Relations& relations, const std::vector<std::string>& columns) {
  if (columns.empty()) return;
  auto* project = relations.next()->mutable_project();
  project->set_allocated_input(relations.take_inner());
  for (const auto& column : columns) set(project->add_expressions(), column);
}

}  // namespace

void write_message(const StreamPlan& plan, wire::WriteStreamOperationStart& into) {
  Relations relations;
  auto* read = relations.next()->mutable_read();
  read->set_is_streaming(true);
  read->mutable_data_source()->set_format("kafka");
  for (const auto& [key, value] : plan.source)
    (*read->mutable_data_source()->mutable_options())[key] = value;
  project(relations, plan.parsed);
  project(relations, plan.columns);
  if (!plan.metrics.empty()) {
    auto* observe = relations.next()->mutable_collect_metrics();
    observe->set_allocated_input(relations.take_inner());
    observe->set_name(kMetricsName);
    for (const auto& metric : plan.metrics) set(observe->add_metrics(), metric);
  }
  if (!plan.kept.empty()) {
    auto* filter = relations.next()->mutable_filter();
    filter->set_allocated_input(relations.take_inner());
    set(filter->mutable_condition(), plan.kept);
  }
  project(relations, plan.written);

  into.set_allocated_input(relations.take());
  into.set_format(plan.format);
  for (const auto& [key, value] : plan.sink) (*into.mutable_options())[key] = value;
  into.set_processing_time_interval(fmt::format("{} milliseconds", plan.trigger.millis()));
  into.set_output_mode("append");
  into.set_query_name(plan.name);
}

}  // namespace weir::spark
