#include "weir/wire/messages/delete_records.h"

#include "weir/wire/codec.h"

WEIR_WIRE_MESSAGE(weir::wire::DeleteRecordsRequest)
WEIR_WIRE_MESSAGE(weir::wire::DeleteRecordsResponse)
