drop trigger if exists order_event_no_update
;;
create trigger order_event_no_update before update on order_event for each row when 1 begin select raise(abort, 'IMMUTABLE: order_event is append-only, a correction is a new row'); end
;;
drop trigger if exists order_event_no_delete
;;
create trigger order_event_no_delete before delete on order_event for each row when 1 begin select raise(abort, 'IMMUTABLE: order_event is append-only, a correction is a new row'); end
;;
drop trigger if exists order_event_same_key_0
;;
create trigger order_event_same_key_0 before insert on order_event for each row when exists (select 1 from order_event where "order_id" = new."order_id" and "seq" = new."seq") begin select raise(abort, 'DUPLICATE: order_event has this order_id, seq already'); end
;;
drop trigger if exists stock_movement_no_update
;;
create trigger stock_movement_no_update before update on stock_movement for each row when 1 begin select raise(abort, 'IMMUTABLE: stock_movement is append-only, a correction is a new row'); end
;;
drop trigger if exists stock_movement_no_delete
;;
create trigger stock_movement_no_delete before delete on stock_movement for each row when 1 begin select raise(abort, 'IMMUTABLE: stock_movement is append-only, a correction is a new row'); end
;;
drop trigger if exists stock_movement_same_key_0
;;
create trigger stock_movement_same_key_0 before insert on stock_movement for each row when exists (select 1 from stock_movement where "movement_id" = new."movement_id") begin select raise(abort, 'DUPLICATE: stock_movement has this movement_id already'); end
;;
drop trigger if exists stock_movement_same_key_1
;;
create trigger stock_movement_same_key_1 before insert on stock_movement for each row when exists (select 1 from stock_movement where "account" = new."account" and "source_key" = new."source_key") begin select raise(abort, 'DUPLICATE: stock_movement has this account, source_key already'); end
;;
drop trigger if exists stock_movement_same_key_2
;;
create trigger stock_movement_same_key_2 before insert on stock_movement for each row when exists (select 1 from stock_movement where "reverses_id" = new."reverses_id") begin select raise(abort, 'DUPLICATE: stock_movement has this reverses_id already'); end
;;
drop trigger if exists stock_movement_same_key_3
;;
create trigger stock_movement_same_key_3 before insert on stock_movement for each row when exists (select 1 from stock_movement where "reverses_id" = new."reverses_id") begin select raise(abort, 'DUPLICATE: stock_movement has this reverses_id already'); end
;;
drop trigger if exists stock_snapshot_no_update
;;
create trigger stock_snapshot_no_update before update on stock_snapshot for each row when 1 begin select raise(abort, 'IMMUTABLE: stock_snapshot is append-only, a correction is a new row'); end
;;
drop trigger if exists stock_snapshot_no_delete
;;
create trigger stock_snapshot_no_delete before delete on stock_snapshot for each row when 1 begin select raise(abort, 'IMMUTABLE: stock_snapshot is append-only, a correction is a new row'); end
;;
drop trigger if exists stock_snapshot_same_key_0
;;
create trigger stock_snapshot_same_key_0 before insert on stock_snapshot for each row when exists (select 1 from stock_snapshot where "snapshot_id" = new."snapshot_id") begin select raise(abort, 'DUPLICATE: stock_snapshot has this snapshot_id already'); end
;;
drop trigger if exists stock_snapshot_same_key_1
;;
create trigger stock_snapshot_same_key_1 before insert on stock_snapshot for each row when exists (select 1 from stock_snapshot where "sku" = new."sku" and "location" = new."location" and "condition" = new."condition" and "observed_at" = new."observed_at" and "account" = new."account") begin select raise(abort, 'DUPLICATE: stock_snapshot has this sku, location, condition, observed_at, account already'); end
;;
drop trigger if exists feed_message_no_update
;;
create trigger feed_message_no_update before update on feed_message for each row when 1 begin select raise(abort, 'IMMUTABLE: feed_message is append-only, a correction is a new row'); end
;;
drop trigger if exists feed_message_no_delete
;;
create trigger feed_message_no_delete before delete on feed_message for each row when 1 begin select raise(abort, 'IMMUTABLE: feed_message is append-only, a correction is a new row'); end
;;
drop trigger if exists feed_message_same_key_0
;;
create trigger feed_message_same_key_0 before insert on feed_message for each row when exists (select 1 from feed_message where "source" = new."source" and "account" = new."account" and "kind" = new."kind" and "message_key" = new."message_key") begin select raise(abort, 'DUPLICATE: feed_message has this source, account, kind, message_key already'); end
;;
drop trigger if exists feed_message_same_key_1
;;
create trigger feed_message_same_key_1 before insert on feed_message for each row when exists (select 1 from feed_message where "message_id" = new."message_id") begin select raise(abort, 'DUPLICATE: feed_message has this message_id already'); end
;;
drop trigger if exists feed_message_same_key_2
;;
create trigger feed_message_same_key_2 before insert on feed_message for each row when exists (select 1 from feed_message where "message_id" = new."message_id") begin select raise(abort, 'DUPLICATE: feed_message has this message_id already'); end
;;
drop trigger if exists feed_applied_no_update
;;
create trigger feed_applied_no_update before update on feed_applied for each row when 1 begin select raise(abort, 'IMMUTABLE: feed_applied is append-only, a correction is a new row'); end
;;
drop trigger if exists feed_applied_no_delete
;;
create trigger feed_applied_no_delete before delete on feed_applied for each row when 1 begin select raise(abort, 'IMMUTABLE: feed_applied is append-only, a correction is a new row'); end
;;
drop trigger if exists feed_applied_same_key_0
;;
create trigger feed_applied_same_key_0 before insert on feed_applied for each row when exists (select 1 from feed_applied where "message_id" = new."message_id") begin select raise(abort, 'DUPLICATE: feed_applied has this message_id already'); end
;;
drop trigger if exists sales_order_kept
;;
create trigger sales_order_kept before delete on sales_order for each row when 1 begin select raise(abort, 'sales_order rows are kept'); end
;;
drop trigger if exists order_line_kept
;;
create trigger order_line_kept before delete on order_line for each row when 1 begin select raise(abort, 'order_line rows are kept'); end
;;
drop trigger if exists return_order_kept
;;
create trigger return_order_kept before delete on return_order for each row when 1 begin select raise(abort, 'return_order rows are kept'); end
;;
drop trigger if exists return_line_kept
;;
create trigger return_line_kept before delete on return_line for each row when 1 begin select raise(abort, 'return_line rows are kept'); end
;;
drop trigger if exists stock_balance_kept
;;
create trigger stock_balance_kept before delete on stock_balance for each row when 1 begin select raise(abort, 'stock_balance rows are kept'); end
;;
drop trigger if exists stock_exception_kept
;;
create trigger stock_exception_kept before delete on stock_exception for each row when 1 begin select raise(abort, 'stock_exception rows are kept'); end
;;
drop trigger if exists stock_movement_mirror
;;
create trigger stock_movement_mirror before insert on stock_movement for each row when new.reverses_id is not null and not exists (select 1 from stock_movement as original where original.movement_id = new.reverses_id
and original.sku = new.sku and original.location = new.location and original.condition = new.condition
and original.kind = new.kind and original.quantity = -new.quantity and original.reverses_id is null) begin select raise(abort, 'REVERSAL: a reversal mirrors sku, location, condition, kind and quantity of one movement'); end
;;
drop trigger if exists stock_movement_balance
;;
create trigger stock_movement_balance after insert on stock_movement for each row when 1 begin update stock_balance set on_hand = on_hand + new.quantity, last_movement_id = new.movement_id,
change_id = new.change_id where sku = new.sku and location = new.location and condition = new.condition;
insert into stock_balance (sku, location, condition, on_hand, committed, shortage, allows_negative,
last_movement_id, change_id)
select new.sku, new.location, new.condition, new.quantity, 0, (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition), (select allows_negative_stock from location where location = new.location), new.movement_id,
new.change_id
where not exists (select 1 from stock_balance where sku = new.sku and location = new.location and condition = new.condition);
insert into stock_exception (kind, sku, location, condition, source_key, quantity, occurred_at,
recorded_at, change_id)
select 'negative_stock', new.sku, new.location, new.condition, new.account || '/' || new.source_key,
on_hand, new.occurred_at, new.recorded_at, new.change_id
from stock_balance where sku = new.sku and location = new.location and condition = new.condition and on_hand < 0 and on_hand - new.quantity >= 0; end
;;
drop trigger if exists stock_balance_booked
;;
create trigger stock_balance_booked before update of on_hand, last_movement_id, sku, location, condition on stock_balance for each row when new.last_movement_id <= old.last_movement_id or not exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
and location = new.location and condition = new.condition and quantity = new.on_hand - old.on_hand) begin select raise(abort, 'BALANCE: on_hand changes only with a stock movement'); end
;;
drop trigger if exists stock_balance_first
;;
create trigger stock_balance_first before insert on stock_balance for each row when not exists (select 1 from stock_movement where movement_id = new.last_movement_id and sku = new.sku
and location = new.location and condition = new.condition and quantity = new.on_hand - 0) or new.shortage <> (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition)
or exists (select 1 from stock_balance where sku = new.sku and location = new.location and condition = new.condition) begin select raise(abort, 'BALANCE: on_hand changes only with a stock movement'); end
;;
drop trigger if exists stock_balance_explained
;;
create trigger stock_balance_explained before update of shortage on stock_balance for each row when new.shortage <> (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition) begin select raise(abort, 'SHORTAGE: a shortage is the sum of its exceptions'); end
;;
drop trigger if exists stock_exception_no_update
;;
create trigger stock_exception_no_update before update on stock_exception for each row when 1 begin select raise(abort, 'IMMUTABLE: stock_exception is append-only, a correction is a new row'); end
;;
drop trigger if exists stock_exception_shortage
;;
create trigger stock_exception_shortage after insert on stock_exception for each row when new.kind = 'shortage' begin update stock_balance set shortage = (select coalesce(sum(quantity), 0) from stock_exception where kind = 'shortage' and sku = new.sku and location = new.location and condition = new.condition), change_id = new.change_id where sku = new.sku and location = new.location and condition = new.condition; end
;;
drop trigger if exists location_policy
;;
create trigger location_policy after update of allows_negative_stock on location for each row when new.allows_negative_stock <> old.allows_negative_stock begin update stock_balance set allows_negative = new.allows_negative_stock, change_id = new.change_id
where location = new.location; end
;;
drop trigger if exists sales_order_starts
;;
create trigger sales_order_starts before insert on sales_order for each row when new.lifecycle <> 'none' or new.last_event_seq <> 0 begin select raise(abort, 'STATE: an order starts without a state, its events give it one'); end
;;
drop trigger if exists order_event_follows
;;
create trigger order_event_follows before insert on order_event for each row when not exists (select 1 from sales_order where order_id = new.order_id
and lifecycle = new.from_state and last_event_seq = new.seq - 1) begin select raise(abort, 'STATE: the event does not follow the state and number the order is at'); end
;;
drop trigger if exists order_event_moves
;;
create trigger order_event_moves after insert on order_event for each row when 1 begin update sales_order set lifecycle = new.to_state, last_event_seq = new.seq, change_id = new.change_id
where order_id = new.order_id; end
;;
drop trigger if exists sales_order_by_event
;;
create trigger sales_order_by_event before update of lifecycle, last_event_seq on sales_order for each row when (new.lifecycle <> old.lifecycle or new.last_event_seq <> old.last_event_seq)
and (new.last_event_seq <> old.last_event_seq + 1 or not exists (select 1 from order_event
where order_id = new.order_id and seq = new.last_event_seq
and from_state = old.lifecycle and to_state = new.lifecycle)) begin select raise(abort, 'STATE: an order changes state only by an event'); end
