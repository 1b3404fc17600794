// The part of the simulated librdkafka that asks for settings.
#include <librdkafka/rdkafka.h>

extern "C" {

// Settings of brokers and topics: the simulated rights do not let anybody see them.
rd_kafka_queue_t* rd_kafka_queue_new(rd_kafka_t*) { return nullptr; }
void rd_kafka_queue_destroy(rd_kafka_queue_t*) {}
rd_kafka_event_t* rd_kafka_queue_poll(rd_kafka_queue_t*, int) { return nullptr; }
void rd_kafka_event_destroy(rd_kafka_event_t*) {}
rd_kafka_resp_err_t rd_kafka_event_error(rd_kafka_event_t*) { return RD_KAFKA_RESP_ERR__NOT_IMPLEMENTED; }
rd_kafka_AdminOptions_t* rd_kafka_AdminOptions_new(rd_kafka_t*, rd_kafka_admin_op_t) { return nullptr; }
void rd_kafka_AdminOptions_destroy(rd_kafka_AdminOptions_t*) {}
rd_kafka_resp_err_t rd_kafka_AdminOptions_set_request_timeout(rd_kafka_AdminOptions_t*, int, char*, size_t) {
  return RD_KAFKA_RESP_ERR_NO_ERROR;
}
rd_kafka_ConfigResource_t* rd_kafka_ConfigResource_new(rd_kafka_ResourceType_t, const char*) { return nullptr; }
void rd_kafka_ConfigResource_destroy(rd_kafka_ConfigResource_t*) {}
void rd_kafka_DescribeConfigs(rd_kafka_t*, rd_kafka_ConfigResource_t**, size_t, const rd_kafka_AdminOptions_t*,
                              rd_kafka_queue_t*) {}
const rd_kafka_DescribeConfigs_result_t* rd_kafka_event_DescribeConfigs_result(rd_kafka_event_t*) { return nullptr; }
const rd_kafka_ConfigResource_t** rd_kafka_DescribeConfigs_result_resources(const rd_kafka_DescribeConfigs_result_t*, size_t*) {
  return nullptr;
}
rd_kafka_resp_err_t rd_kafka_ConfigResource_error(const rd_kafka_ConfigResource_t*) { return RD_KAFKA_RESP_ERR_NO_ERROR; }
const char* rd_kafka_ConfigResource_name(const rd_kafka_ConfigResource_t*) { return ""; }
const rd_kafka_ConfigEntry_t** rd_kafka_ConfigResource_configs(const rd_kafka_ConfigResource_t*, size_t*) { return nullptr; }
const char* rd_kafka_ConfigEntry_name(const rd_kafka_ConfigEntry_t*) { return ""; }
const char* rd_kafka_ConfigEntry_value(const rd_kafka_ConfigEntry_t*) { return ""; }

}  // extern "C"
