// OffsetCommit, OffsetFetch, DescribeGroups, ListGroups, DeleteGroups.
#include <algorithm>

#include "weir/broker/handlers.h"

namespace weir::broker {
namespace {

constexpr size_t kMetadataBytesMax = 4096;  // Kafka's offset.metadata.max.bytes
constexpr size_t kGroupIdBytesMax = 1024;

const char* name_of(Group::State state) {
  switch (state) {
    case Group::State::kEmpty:
      return "Empty";
    case Group::State::kPreparing:
      return "PreparingRebalance";
    case Group::State::kCompleting:
      return "CompletingRebalance";
    case Group::State::kStable:
      return "Stable";
  }
  return "Unknown";
}

// Splits a commit into what can be kept and what is answered with an error at once.
Commit take_offsets(Services& services, wire::OffsetCommitRequest& request,
                    wire::OffsetCommitResponse& response) {
  Commit commit{request.group_id, {}};
  for (auto& topic : request.topics) {
    auto& topic_answer = response.topics.emplace_back();
    topic_answer.name = topic.name;
    const TopicRef known = services.catalog.find(topic.name);
    for (auto& partition : topic.partitions) {
      auto& answer = topic_answer.partitions.emplace_back();
      answer.partition = partition.partition;
      auto metadata = std::move(partition.committed_metadata).value_or("");
      if (!known || !known->partition(partition.partition))
        answer.error = ErrorCode::kUnknownTopicOrPartition;
      else if (metadata.size() > kMetadataBytesMax)
        answer.error = ErrorCode::kOffsetMetadataTooLarge;
      else
        commit.offsets[{topic.name, partition.partition}] = {
            partition.committed_offset, partition.committed_leader_epoch, std::move(metadata)};
    }
  }
  return commit;
}

void set_error(wire::OffsetCommitResponse& response, ErrorCode error) {
  for (auto& topic : response.topics)
    for (auto& partition : topic.partitions)
      if (partition.error == ErrorCode::kNone) partition.error = error;
}

// The answers of version 8 and of those before have the same shape under different types.
template <class Topics>
void add_offset(Topics& topics, const OffsetKey& key, const CommittedOffset& committed) {
  if (topics.empty() || topics.back().name != key.topic) {
    topics.emplace_back();
    topics.back().name = key.topic;
  }
  auto& answer = topics.back().partitions.emplace_back();
  answer.partition = key.partition;
  answer.committed_offset = committed.offset;
  answer.committed_leader_epoch = committed.leader_epoch;
  answer.metadata = committed.metadata;
}

template <class Asked, class Topics>
void fetch_offsets(const Coordinator& coordinator, const std::string& group,
                   const std::optional<std::vector<Asked>>& asked, Topics& topics) {
  static const GroupOffsets kNothing;
  const GroupOffsets* found = coordinator.offsets().find(group);
  const GroupOffsets& offsets = found ? *found : kNothing;
  if (!asked) {
    for (const auto& [key, committed] : offsets) add_offset(topics, key, committed);
    return;
  }
  for (const auto& topic : *asked) {
    topics.emplace_back();
    topics.back().name = topic.name;
    for (const int32_t partition : topic.partitions) {
      const OffsetKey key{topic.name, partition};
      const auto committed = offsets.find(key);
      add_offset(topics, key, committed == offsets.end() ? CommittedOffset{} : committed->second);
    }
  }
}

wire::DescribeGroupsResponse::Group describe_group(Coordinator& coordinator,
                                                   const std::string& id) {
  wire::DescribeGroupsResponse::Group answer;
  answer.group_id = id;
  const Group* group = coordinator.find(id);
  if (!group) {
    answer.group_state = coordinator.exists(id) ? "Empty" : "Dead";
    return answer;
  }
  answer.group_state = name_of(group->state());
  answer.protocol_type = group->protocol_type();
  const bool formed = group->state() == Group::State::kStable;
  if (formed) answer.protocol_data = group->protocol();
  for (const auto& [member_id, member] : group->members()) {
    auto& each = answer.members.emplace_back();
    each.member_id = member_id;
    each.group_instance_id = member.instance_id;
    each.client_id = member.client_id;
    each.client_host = member.client_host;
    if (!formed) continue;
    if (const auto* metadata = member.metadata_for(group->protocol()))
      each.member_metadata.data = *metadata;
    each.member_assignment.data = member.assignment;
  }
  return answer;
}

}  // namespace

void handle(Context context, wire::OffsetCommitRequest request) {
  context.services.control.post([context, request = std::move(request)]() mutable {
    auto response = std::make_shared<wire::OffsetCommitResponse>();
    Commit commit = take_offsets(context.services, request, *response);
    if (request.group_id.empty() || request.group_id.size() > kGroupIdBytesMax) {
      set_error(*response, ErrorCode::kInvalidGroupId);
      return context.responder.send(*response);
    }
    const MemberClaim claim{request.member_id, request.group_instance_id, request.generation_id};
    context.services.coordinator.commit(claim, std::move(commit), context.services.clock.now(),
                                        [context, response](ErrorCode error) {
                                          set_error(*response, error);
                                          context.responder.send(*response);
                                        });
  });
}

void handle(Context context, wire::OffsetFetchRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    const Coordinator& coordinator = context.services.coordinator;
    wire::OffsetFetchResponse response;
    if (context.responder.version < 8) {
      fetch_offsets(coordinator, request.group_id, request.topics, response.topics);
    } else {
      for (const auto& asked : request.groups) {
        auto& group = response.groups.emplace_back();
        group.group_id = asked.group_id;
        fetch_offsets(coordinator, asked.group_id, asked.topics, group.topics);
      }
    }
    context.responder.send(response);
  });
}

void handle(Context context, wire::DescribeGroupsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    wire::DescribeGroupsResponse response;
    for (const auto& id : request.group_ids)
      response.groups.push_back(describe_group(context.services.coordinator, id));
    context.responder.send(response);
  });
}

void handle(Context context, wire::ListGroupsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    Coordinator& coordinator = context.services.coordinator;
    wire::ListGroupsResponse response;
    for (const auto& id : coordinator.ids()) {
      const Group* group = coordinator.find(id);
      const std::string state = name_of(group ? group->state() : Group::State::kEmpty);
      const auto& wanted = request.states_filter;
      if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), state) == wanted.end())
        continue;
      response.groups.push_back({id, group ? group->protocol_type() : "", state});
    }
    context.responder.send(response);
  });
}

void handle(Context context, wire::DeleteGroupsRequest request) {
  context.services.control.post([context, request = std::move(request)] {
    wire::DeleteGroupsResponse response;
    for (const auto& id : request.group_ids)
      response.groups.push_back({id, context.services.coordinator.remove(id)});
    context.responder.send(response);
  });
}

}  // namespace weir::broker
