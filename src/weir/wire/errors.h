// Kafka's error codes: the protocol's own answers, plain data in responses.
#pragma once
#include <cstdint>
#include <string>

namespace weir::wire {

// Unknown values may travel; the enum holds any int16.
enum class ErrorCode : int16_t {
  kUnknownServerError = -1,                  // the server failed in a way that has no code
  kNone = 0,                                 // success
  kOffsetOutOfRange = 1,                     // the asked offset lies outside the log
  kCorruptMessage = 2,                       // checksum or size of a batch is wrong
  kUnknownTopicOrPartition = 3,              // not on this server
  kInvalidFetchSize = 4,                     // the asked size is negative
  kLeaderNotAvailable = 5,                   // no leader yet; ask again
  kNotLeaderOrFollower = 6,                  // this server does not lead the partition
  kRequestTimedOut = 7,                      // the asked time went by
  kBrokerNotAvailable = 8,                   // no such broker now
  kReplicaNotAvailable = 9,                  // no such replica here
  kMessageTooLarge = 10,                     // a batch exceeds max.message.bytes
  kStaleControllerEpoch = 11,                // from a controller of the past
  kOffsetMetadataTooLarge = 12,              // the text beside a committed offset is too long
  kNetworkException = 13,                    // the connection went away before the answer
  kCoordinatorLoadInProgress = 14,           // the coordinator still reads its state
  kCoordinatorNotAvailable = 15,             // no coordinator yet; ask again
  kNotCoordinator = 16,                      // this server does not coordinate the group
  kInvalidTopicException = 17,               // not a legal topic name
  kRecordListTooLarge = 18,                  // more than a segment can hold
  kNotEnoughReplicas = 19,                   // fewer in-sync replicas than required
  kNotEnoughReplicasAfterAppend = 20,        // the same, found after writing
  kInvalidRequiredAcks = 21,                 // acks is none of -1, 0, 1
  kIllegalGeneration = 22,                   // the group has moved on to another generation
  kInconsistentGroupProtocol = 23,           // no protocol that all members share
  kInvalidGroupId = 24,                      // the group id is empty or illegal
  kUnknownMemberId = 25,                     // the group does not know this member
  kInvalidSessionTimeout = 26,               // outside the server's bounds
  kRebalanceInProgress = 27,                 // the group is forming anew; rejoin
  kInvalidCommitOffsetSize = 28,             // the commit would make too large a record
  kTopicAuthorizationFailed = 29,            // not allowed on this topic
  kGroupAuthorizationFailed = 30,            // not allowed on this group
  kClusterAuthorizationFailed = 31,          // not allowed on this cluster
  kInvalidTimestamp = 32,                    // a record's time is outside the bounds
  kUnsupportedSaslMechanism = 33,            // the server lacks this mechanism
  kIllegalSaslState = 34,                    // authentication messages out of order
  kUnsupportedVersion = 35,                  // the server does not speak this version
  kTopicAlreadyExists = 36,                  // a topic of that name is there
  kInvalidPartitions = 37,                   // the partition count is not possible
  kInvalidReplicationFactor = 38,            // not in 1 .. number of brokers
  kInvalidReplicaAssignment = 39,            // the given placement is not possible
  kInvalidConfig = 40,                       // a configuration key or value is wrong
  kNotController = 41,                       // this server is not the controller
  kInvalidRequest = 42,                      // well formed, and makes no sense
  kUnsupportedForMessageFormat = 43,         // stored records are too old for this
  kPolicyViolation = 44,                     // forbidden by a policy of the server
  kOutOfOrderSequenceNumber = 45,            // a producer's batch came out of turn
  kDuplicateSequenceNumber = 46,             // the batch was stored before
  kInvalidProducerEpoch = 47,                // a newer producer has taken this id
  kInvalidTxnState = 48,                     // the transaction is not in that state
  kInvalidProducerIdMapping = 49,            // the id is not that transaction's
  kInvalidTransactionTimeout = 50,           // above the server's bound
  kConcurrentTransactions = 51,              // the last transaction is still ending
  kTransactionCoordinatorFenced = 52,        // this coordinator was replaced
  kTransactionalIdAuthorizationFailed = 53,  // not allowed to use this id
  kSecurityDisabled = 54,                    // the server has no access rules
  kOperationNotAttempted = 55,               // another item of the request failed first
  kKafkaStorageError = 56,                   // the disk failed
  kLogDirNotFound = 57,                      // not a log directory of the server
  kSaslAuthenticationFailed = 58,            // wrong credentials
  kUnknownProducerId = 59,                   // nothing is known of this producer here
  kReassignmentInProgress = 60,              // partitions are being moved
  kDelegationTokenAuthDisabled = 61,         // tokens are switched off
  kDelegationTokenNotFound = 62,             // no such token
  kDelegationTokenOwnerMismatch = 63,        // someone else's token
  kDelegationTokenRequestNotAllowed = 64,    // not over this connection
  kDelegationTokenAuthorizationFailed = 65,  // not allowed on this token
  kDelegationTokenExpired = 66,              // the token's time is over
  kInvalidPrincipalType = 67,                // no such kind of principal
  kNonEmptyGroup = 68,                       // the group has members
  kGroupIdNotFound = 69,                     // no such group
  kFetchSessionIdNotFound = 70,              // the server keeps no such fetch session
  kInvalidFetchSessionEpoch = 71,            // the session is at another epoch
  kListenerNotFound = 72,                    // the leader lacks this listener
  kTopicDeletionDisabled = 73,               // the server deletes no topics
  kFencedLeaderEpoch = 74,                   // the client knows an older leader epoch
  kUnknownLeaderEpoch = 75,                  // the client knows a newer leader epoch
  kUnsupportedCompressionType = 76,          // the asked version cannot carry this codec
  kStaleBrokerEpoch = 77,                    // the broker has registered anew
  kOffsetNotAvailable = 78,                  // the leader has yet to catch up
  kMemberIdRequired = 79,                    // join again with the id given here
  kPreferredLeaderNotAvailable = 80,         // the preferred leader is away
  kGroupMaxSizeReached = 81,                 // the group is full
  kFencedInstanceId = 82,                    // another member has taken this static id
  kEligibleLeadersNotAvailable = 83,         // nobody may lead
  kElectionNotNeeded = 84,                   // the right one leads already
  kNoReassignmentInProgress = 85,            // nothing is being moved
  kGroupSubscribedToTopic = 86,              // the group still reads this topic
  kInvalidRecord = 87,                       // a record fails the server's checks
  kUnstableOffsetCommit = 88,                // offsets wait for a transaction
  kThrottlingQuotaExceeded = 89,             // too fast; wait and retry
  kProducerFenced = 90,                      // a newer producer with the same transactional id
  kResourceNotFound = 91,                    // no such resource
  kDuplicateResource = 92,                   // named twice
  kUnacceptableCredential = 93,              // the credential breaks a rule
  kInconsistentVoterSet = 94,                // voters do not agree
  kInvalidUpdateVersion = 95,                // the state has moved on
  kFeatureUpdateFailed = 96,                 // the feature could not be set
  kPrincipalDeserializationFailure = 97,     // the forwarded principal is unreadable
  kSnapshotNotFound = 98,                    // no such snapshot
  kPositionOutOfRange = 99,                  // outside the snapshot
  kUnknownTopicId = 100,                     // no topic has this id
  kDuplicateBrokerRegistration = 101,        // the broker id is in use
  kBrokerIdNotRegistered = 102,              // the broker never registered
  kInconsistentTopicId = 103,                // the id is another topic's
  kInconsistentClusterId = 104,              // meant for another cluster
};

// Kafka's name, as its tools print it: "UNKNOWN_TOPIC_OR_PARTITION(3)"; "(n)" when unknown.
std::string to_text(ErrorCode error);

}  // namespace weir::wire
