// A StreamPlan in the words of Spark Connect.
#pragma once
#include "weir/spark/stream_plan.h"

namespace spark::connect {
class WriteStreamOperationStart;
}

namespace weir::spark {
void write_message(const StreamPlan& plan, ::spark::connect::WriteStreamOperationStart& into);
}  // namespace weir::spark
