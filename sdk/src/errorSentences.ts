/**
 * What each custom error means to the one who met it, and what to do. `{argument}` is the value, written by its name and type; a unit after
 * a colon overrides that: `s` seconds, `d18` a plain decimal, `pct` per cent, `usd`, `time`, `term` the unit of the term named in the error.
 * `npm run check:errors` fails when an error has none. What helps against each is in errorRemedies.ts.
 */
export const errorSentences: Readonly<Record<string, string>> = {
  // The house: users
  AmountZero: "The amount for {account} is zero, or becomes zero in the token's decimals",
  TokenAmountMismatch:
    "The token moved {receivedNative} where {expectedNative} was asked for; tokens that take a fee are not supported",
  NotAuthorized:
    "{caller} lacks power {powerNeeded} over {account} (1 trade, 2 withdraw); the owner grants it with setDelegate",
  PowersUnknown: "Powers {powers} are unknown; bit 1 is trade, bit 2 is withdraw",
  SignatureExpired: "The signature was good until {deadline}; it is {timestamp} now",
  SignatureInvalid: "The signature is not that of {owner}",
  SystemAccount: "{account} belongs to the house itself and cannot be used",
  CashTooLow: "{account} has {cashUsd} of cash and needs {neededUsd}; deposit more",
  FreeCashTooLow: "{account} can withdraw {freeCashUsd} now, not {askedUsd}",
  AccountBelowInitialMargin:
    "{account} would have {equityUsd} of equity where {requiredUsd} of initial margin is needed; deposit more or trade less",
  CoverageTooLow:
    "Market {market} would have {buffersUsd} of buffers where {neededUsd} is the least for opening; it only reduces until they are refilled",
  PremiumTooHigh:
    "The risk engine asks {account} for an insurance premium of {premiumUsd}; at most {highestUsd} is allowed for what it opens",
  AccountBankrupt: "{account} would be bankrupt with {equityUsd} of equity",
  TooManyMarkets: "{account} would be in {count} markets; the most is {max}",
  EventsPending:
    "{pending} events of market {market} wait for {account} and one call applies {maximum}; call touch first",

  // The house: trading
  CallerNotVenue: "{caller} is no listed venue",
  MarketNotListed: "Market {market} is not listed",
  MarketNotOpen: "Market {market} is {mode}",
  PriceNotValid: "The price of market {market} may not be acted on now: {status}",
  SizeNotInLots: "Size {sizeDelta} is no multiple of the lot {lotSize}",
  NotAReduction:
    "A fill of {sizeDelta} does not reduce the position of {size} that {account} holds",
  PriceBeyondLimit: "The price {price} is beyond the limit {limitPrice}",
  PriceBeyondBand:
    "The fill would move the price of market {market} to {marginalDistance:pct} from the index; the band is {band:pct}",
  PriceOutsideBand:
    "Price {price} is outside the band of market {market}, {lowest:d18} to {highest:d18}",
  PriceNotBetter:
    "The pool pays {poolPrice}, and an order to liquidate against has to beat that; its price is {price}",
  SelfMatch: "{account} cannot be on both sides of a match",
  HealthWouldFall:
    "{account} would have {equityUsd} of equity for {maintenanceUsd} of maintenance margin, less than the {equityBeforeUsd} for {maintenanceBeforeUsd} it has; reduce at a better price or deposit more",
  PoolExposureExceeded:
    "The pool of market {market} would hold {size:d18}; it holds at most {cap:d18} through orders",
  PoolBelowInitialMargin:
    "The pool of market {market} has {equityUsd} of equity and needs {requiredUsd}; only fills that reduce its skew are possible",
  PositionBelowMinimum:
    "{account} would hold a position of {notionalUsd}; the least is {minimumUsd}. Close all of it or keep more",

  // The house: take-overs
  TakerIsAccount: "{account} cannot take over its own positions",
  AccountChanged:
    "{account} is at version {version}, not at {expectedVersion}; look at it again, or expect any version with 0",
  DeadlinePassed: "The request was good until {deadline:time}; it is {timestamp:time} now",
  DiscountBelowMinimum:
    "The discounts on the account are {discountUsd}, below the {minDiscountUsd} asked for; they grow with time",
  DiscountTooHigh:
    "The liquidation engine would give away {discountUsd} of {account}; at most {highestUsd} is allowed",
  PenaltyTooHigh:
    "The liquidation engine asks {account} for a penalty of {penaltyUsd}; at most {highestUsd} is allowed for what it closes",
  AuctionTermsNotSet: "Market {market} has no auction terms; the governor sets them",

  // The backstop
  CooldownAboveBalance: "{owner} has {balance:d18} shares and cannot ask to redeem {shares:d18}",
  CooldownTooSmall:
    "{owner} may redeem {cooledShares:d18} shares, not {shares:d18}; more need a cooldown of their own (requestCooldown)",
  CooldownRunning: "{owner} may redeem from {opensAt:time} on; it is {timestamp:time} now",
  CooldownExpired:
    "{owner} could redeem until {closedAt:time}; it is {timestamp:time} now. Ask for another cooldown",
  ShortfallOpen:
    "Accounts in distress miss {shortfallUsd}; above {toleranceUsd} nothing is paid. Liquidating them, or marking those that have recovered, opens the way",
  InventoryLossOpen:
    "What defaults left in market {market} has lost {lossUsd}; above {toleranceUsd} nothing is paid. unwind and tearUp sell it",
  DepositorNotAllowed: "This vault takes deposits of {soleDepositor} only, not of {caller}",
  ReserveDepleted:
    "The vault has {equityUsd} left for {supply:d18} shares and takes no deposits; money paid into its account makes it whole",
  DeficitOpen:
    "{pendingUsd} of deficits wait in market {market}; above {toleranceUsd} nothing is paid. bookLoss books them",
  BackstopPriceNotFresh:
    "The price of market {market} is from {publishedAt:time}; to enter or leave it may be at most {maxAgeSeconds:s} old",
  BackstopDepleted:
    "The backstop has {equityUsd} left for {supply:d18} shares and takes no deposits",
  AmountTooSmall:
    "{assetsNative} of the token against {shares:d18} shares: one of them is nothing; choose a larger amount",
  BidRefused:
    "The backstop does not take {account} in market {market}: {refusal} (the plan says {code})",
  NothingHeld: "The backstop holds nothing in market {market}",
  SliceTooEarly:
    "The backstop closes its next slice in market {market} from {allowedAt:time} on; it is {timestamp:time} now",
  SliceTooCostly:
    "The pool of market {market} stands at {skewRatio:pct} from the index; the backstop closes at most {tolerance:pct} away",
  BackstopTermOutOfBounds:
    "Backstop term {term} of market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  LeverageOutOfBounds:
    "A leverage of {value:d18} is out of bounds; it must be from {lowest:d18} to {highest:d18}",

  // The house: defaults
  AccountNotBankrupt: "{account} has {equityUsd} of equity and is not bankrupt",
  NothingToUnwind: "The resolution account of market {market} holds nothing",
  UnwindTooCostly:
    "The pool of market {market} stands at {skewRatio:pct} from the index; the resolution account sells at most {tolerance:pct} away",
  TearUpTooEarly:
    "Market {market} may be torn up from {allowedAt}, or at a loss of {lossNeededUsd}; the loss is {lossUsd}",
  PoolNotDistressed:
    "The pool of market {market} has {equityUsd} of equity for {maintenanceUsd} of maintenance margin, or holds less than a lot; nothing is torn up for it",
  PoolBankrupt:
    "The pool of market {market} is bankrupt with {equityUsd} of equity; resolve its account",
  PoolTearUpTooEarly:
    "The side opposite to the pool of market {market} may be torn up from {allowedAt:time} on, if the pool is marked; it is {timestamp:time} now",
  DeficitsPending:
    "{pendingUsd} of deficits wait in market {market}; its tranche shares nothing before bookLoss has booked them",
  NothingToDistribute:
    "The tranche of market {market} has {cashUsd} and keeps {retainedUsd}; its split leaves nothing to share",
  LossNotBookable:
    "{pendingUsd} wait in market {market}; a loss is booked from {minimumUsd} on and not before {allowedAt}",

  // The house: the end of a market
  MarketWoundDown: "Market {market} is wound down for good; claims are settled, nothing else",
  WindDownNotDue:
    "Market {market} may be wound down from {allowedAt:time} on (0: neither a notice nor an outage stands); it is {timestamp:time} now",
  WindDownPriceOutOfBounds:
    "{price} is too far from the last valid price of market {market}; announce {lowest:d18} to {highest:d18}",
  WindDownNotAnnounced: "No end of market {market} is announced",
  MarketHasPrice: "Market {market} has a valid price, {price}: there is no outage to note",

  PreviewPriceOutOfRange:
    "{price} is no price of market {market}; ask about one above 0 and up to {highest:d18}",
  DefaulterTwice: "{account} is named as a defaulter twice",

  // The house: governance
  TermsOutOfBounds: "Term {term} is {value:term}; it must be from {min:term} to {max:term}",
  MarketAlreadyListed: "Market {market} is listed already",
  PoolFixed: "Market {market} keeps its pool, {pool}",
  PoolInUse: "{pool} is in markets already (set {markets}) and cannot be a new market's pool",
  ModuleZero: "Module {module} cannot be the zero address",
  ModuleUnknown: "There is no module {module}",
  ModuleFixed: "Module {module} is {current} for good",
  AccessManagedUnauthorized: "{caller} has not the role this function asks for",
  AccessManagerUnauthorizedAccount: "{msgsender} has not role {roleId}",

  // Risk and liquidation terms
  RiskTermsNotSet: "Market {market} has no risk terms yet",
  RiskTermOutOfBounds:
    "Risk term {term} of market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  RiskTermTooFine:
    "Risk term {term} of market {market} is {value:d18}; it is kept in steps of {step:d18}",
  AdaptiveTermOutOfBounds:
    "Term {term} is {value:term}; it must be from {lowest:term} to {highest:term}",
  AdaptiveTermTooFine: "Term {term} is {value:d18}; it is kept in steps of {step:d18}",
  AdaptiveTermsNotSet: "The margins of market {market} do not follow volatility and the regime",
  RegimeAboveCap:
    "{component} may add {cap:d18} to the regime of market {market} at most, not {excess:d18}",
  RegimeNotRaised:
    "{component} adds {standing:d18} to the regime of market {market} until {until}; it cannot be lowered to {excess:d18}",
  GroupOutOfBounds: "There is no group {group}; choose one from {lowest} to {highest}",
  CorrelationTooHigh:
    "A stressed correlation of {correlation:d18} is too much to believe of group {group}; at most {highest:d18}",
  TermsSetElsewhere:
    "This engine has no terms of markets of its own; set those of {engine}, which it stands in front of",
  TermsOfModel: "This planner has no terms of its own; set those of {model}",
  LiquidationTermsNotSet: "Market {market} has no liquidation terms yet",
  LiquidationTermOutOfBounds:
    "Liquidation term {term} of market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  LiquidationTermTooFine:
    "Liquidation term {term} of market {market} is {value:d18}; it is kept in steps of {step:d18}",

  // Signed orders
  OrderSignatureInvalid: "Order {orderHash} is not signed by {signer} for this chain and contract",
  SignedOrderExpired: "Order {orderHash} was good until {expiry}; it is {timestamp} now",
  SignedOrderCancelled:
    "Order {orderHash} of {account} was cancelled with nonce {nonce}; nonces below {minNonce} are too",
  SignedOrderOverfilled: "{remaining:d18} is left of order {orderHash}, not {asked:d18}",
  CounterpartyNotAllowed: "Order {orderHash} is for {wanted} alone, not for {given}",
  OrdersOnOneSide:
    "Orders of {makerSize:d18} and {takerSize:d18} are on the same side; one has to buy and the other to sell",
  OrderMarketsDiffer: "One order is for market {makerMarket}, the other for {takerMarket}",
  PricesDoNotCross: "The taker's price {takerPrice} does not meet the maker's {makerPrice}",
  OrderMakerOnly: "Order {orderHash} may only be filled as the maker's",
  MinNonceNotRaised:
    "Nonces of {account} below {minNonce} are cancelled already; {asked} would not raise that",

  // Oracles
  MarketOutOfRange: "Market {market} is above the highest number, {highest}",
  MaxAgeOutOfRange:
    "The price of market {market} may be {maxAge:s} old; it must be from {lowest:s} to {highest:s}",
  JumpBandOutOfRange:
    "The jump band of market {market} is {jumpBand:pct}; it must be from {lowest:pct} to {highest:pct}",
  JumpBandTooFine: "The jump band of market {market}, {jumpBand:pct}, is no multiple of {step:pct}",
  BucketLengthOutOfRange:
    "The maturity bucket of market {market} is {bucketLength:s} long; it must be from {lowest:s} to {highest:s}",
  PriceBoundsCrossed:
    "In market {market} the floor {floor:d18} is not below the ceiling {ceiling:d18}",
  CeilingTooHigh: "The ceiling {ceiling:d18} of market {market} is above {highest:d18}",
  TooManySignificantDigits: "{value:d18} has more than {highestDigits} significant digits",
  FeedHasNoCode: "There is no contract at the feed's address {feed} on this chain",
  FeedDecimalsOutOfRange: "Feed {feed} has {decimals} decimals; at most {highest} can be converted",
  FeedNotUsable: "Feed {feed} of market {market} has no price to start from: {status}, {price}",
  FeedDeviates:
    "The feed says {newPrice} where market {market} last had {lastPrice}, further apart than {jumpBand:pct}",
  StreamMismatch: "The report is of stream {streamId}; this feed takes those of {expected}",
  ReportTooShort:
    "The report has {length} bytes where one of its kind has at least {least}; send the stream's fullReport unchanged",
  ReportTooOld:
    "The report was observed at {observedAt}; the feed takes none from before {oldest}. Ask the stream for a newer one",
  ReportFromFuture:
    "The report was observed at {observedAt} and it is {timestamp} on the chain; send it in a later block",
  ReportPriceOutOfRange:
    "The report's price {price} is no price: it must be above 0 and below 2^128",
  ReportFeeTooLow:
    "{sentWei} wei were sent along and the verifier asks {feeWei}; ask the feed's feeOf first",
  RefundFailed: "{to} does not take back the {amount} wei that were left over",
  LeftoverStuck: "{to} does not take back the {amount} wei that were left over",
  RoundNotKept: "Round {roundId} is not kept; the feed has the latest only, {latest}",
  MaxAgeOutOfBounds: "Reports may be {maxAge} s old; allowed are {lowest} to {highest} s",
  SchemaNotSupported:
    "Stream {streamId} has reports of another kind; only crypto reports (identifiers that begin with 0x0003) can be read",
  VerifierNotFound:
    "Chainlink's verifier knows no signers of configuration {configDigest}; the report is of another chain, or too old",
  DigestInactive:
    "Chainlink's verifier takes no more reports of configuration {configDigest}; ask the stream for a newer one",
  IncorrectSignatureCount:
    "The report has {numSigners} signatures; exactly {expectedNumSigners} make it one",
  BadVerification:
    "A signature on the report is not that of one of the stream's signers, or one signer's twice; the report is forged or damaged",
  AccessForbidden:
    "Chainlink's verifier serves only those on its list; the feed's address has to be added to it",
  ExpiredReport: "The fee quoted in the report has expired; ask the stream for a newer report",
  FeedsDisagree:
    "The new feed of market {market} says {newPrice} where {presentPrice} stands; more than {limit:pct} apart, they are not of one price. Compare both, and try again when they agree",
  SecondaryWithoutPrimary:
    "Market {market} has no feed that a second source could be compared with; set that first",
  SecondaryIsPrimary:
    "Feed {feed} is the other source of market {market} already; a second source has to be another feed",
  DeviationLimitOutOfRange:
    "Sources of market {market} may be {maxDeviation:pct} apart; allowed are {lowest:pct} to {highest:pct}, at most the jump band",
  DeviationLimitTooFine:
    "The limit between sources of market {market}, {maxDeviation:pct}, is no multiple of {step:pct}",
  SequencerGraceOutOfRange:
    "The sequencer's grace is {grace:s}; it must be from {lowest:s} to {highest:s}",
  NotASequencerFeed: "{feed} answers {answer:int} since {startedAt}; an uptime feed says 0 or 1",
  JumpNotPending: "There is no jump to accept in market {market}: {status}",
  JumpRoundChanged: "Market {market} has moved on from round {expectedRoundId} to {roundId}",
  PriceSuperseded:
    "Market {market} worked at {usedPrice} in this transaction and the feed says {latestPrice} now; try in the next block",
  GasTooLowForFeed: "{gasLeft} gas is left and a feed may use {gasNeeded}; send more gas",

  // Circuit breaker
  ModeNotStricter:
    "Market {market} is {mode}; the guardian can only restrict it, not make it {asked}",
  HaltDurationOutOfRange:
    "The halt of market {market} would last {durationSeconds}; it must last from {lowest:s} to {highest:s}",
  HaltNotExtended:
    "The halt of market {market} lasts until {endsAt} already; {askedEndsAt} is no later",
  HaltTooLong:
    "The halt of market {market} can be extended to {latestEndsAt}, not to {askedEndsAt}",
  HaltTooSoon:
    "Market {market} can be halted again from {haltableAt}; it is {timestamp} now. Restrict it to reductions meanwhile",
  HaltUnreleased: "The halt of market {market} was over at {endedAt}; release it first",
  HaltNotOver: "Market {market} is halted until {endsAt}; it is {timestamp} now",
  NoHaltToRelease: "Market {market} is {mode}, and not by a halt that could be released",
  BreakerTermOutOfBounds:
    "Breaker term {term} of market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  BreakerTermsNotSet:
    "Market {market} has no terms to trip it by; only guardian and governor restrict it",
  TriggerNotMet:
    "{trigger} of market {market} is at {figure}, below its limit {limit} (D18, seconds for Oracle; 0: switched off); nothing is to be tripped",
  TriggerNotStood:
    "{trigger} of market {market} has to be seen until {trippableAt}; it is {timestamp} now. Call sample meanwhile",
  TriggerHolds:
    "Market {market} stays guarded: {trigger} is at {figure}, its limit is {limit} (D18, seconds for Oracle)",
  NoGuardToRelax: "Market {market} is {mode}, and not by a trip; only the governor opens it",
  GuardNotOver: "Market {market} can be relaxed from {relaxableAt}; it is {timestamp} now",

  // Risk steward
  LimitOutOfBounds:
    "The steward's limit {limit} of {parameter} in market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  LimitTooFine:
    "The steward's limit {limit} of {parameter} in market {market} is {value:d18}; it is kept in steps of {step:d18}",
  LimitsMismatched:
    "There are {parameters} parameters and {limits} limits; each parameter needs its own",
  LimitsNotSet:
    "{parameter} of market {market} is not the steward's to change; only the governor sets it",
  CooldownNotOver:
    "{parameter} of market {market} can be changed again from {allowedAt}; it is {timestamp} now",
  ParameterUnchanged: "{parameter} of market {market} is {value:term} already",
  StepOutOfRange:
    "{parameter} of market {market} is {value:term} and may be changed to {low:term} … {high:term} now, not to {newValue:term}; the governor may go further",
  NotTightening:
    "Changing {parameter} of market {market} from {value:term} to {newValue:term} does not surely reduce risk; only the steward or the governor may",
  MaintenanceRaised:
    "Changing {parameter} would raise what maintenance asks for in market {market} from {oldRate:pct} to {newRate:pct} at once; only the governor may, after its delay",
  ParameterNotKept:
    "{parameter} of market {market} would be kept as {kept:term}, not as {newValue:term}; give it fewer decimals",

  // Venues
  OrdersNotOpen: "Market {market} takes no orders yet",
  VenueNotAuthorized:
    "{account} has not let this venue trade (powers {powers}); call setDelegate of the house",
  OrderSizeNotInLots: "Size {sizeDelta} is no multiple of the lot {lotSize} of market {market}",
  OrderExpiryOutOfRange: "Expiry {expiry} is not between {earliest} and {latest}",
  KeeperFeeOutOfRange:
    "The keeper's fee {keeperFeeUsd} is not between {minimumUsd} and {maximumUsd}",
  TriggerIncomplete: "Trigger {trigger} and trigger price {triggerPrice} do not go together",
  OrderNotExecutable: "Order {orderId} cannot be executed now: {code}; try again at {retryAt}",
  OrderUnknown: "There is no order {orderId}, or none any more",
  OrderLocked: "Order {orderId} is the keepers' until {cancellableAt}; it is {timestamp} now",
  OrderNotExpired: "Order {orderId} expires at {expiry}; it is {timestamp} now",
  OrderTermOutOfRange:
    "Order term {term} of market {market} is {value:term}; it must be from {lowest:term} to {highest:term}",
  DelayOutOfRange: "The delay is {delaySeconds}; it must be from {lowest:s} to {highest:s}",
  RequestEmpty: "{owner} asked for nothing",
  RequestUnknown: "There is no request {id}, or none any more",
  RequestNotReady: "Request {id} can be processed from {readyAt}; it is {timestamp} now",
  RequestNotOwned: "Request {id} is that of {owner}, not of {caller}",
  RequestNotCancellable:
    "Request {id} could be cancelled until {readyAt} and again from {cancellableAt}; it is {timestamp} now",
  PriceNotFresh:
    "The price of market {market} is of {publishedAt}; it must be younger than {maxAgeSeconds}",
  FirstDepositTooSmall: "The first deposit, request {id}, is {amountUsd}; it must be {minimumUsd}",
  RedemptionsWaiting: "Redemptions wait from request {firstId} on: {status}",
  NothingToClaim: "{owner} has nothing to claim",

  // Insurance
  CallerNotHouse: "{caller} is not the house, {house}",
  InsuranceTermOutOfRange:
    "Insurance term {term} of market {market} is {value:pct}; it must be from {lowest:pct} to {highest:pct}",
  TierNotCapped: "Tier {tier} has no such terms",
  HouseEpochCapOutOfRange:
    "The epoch cap is {cap:pct}; it must be from {lowest:pct} to {highest:pct}",

  // Credit
  CallerNotCreditVault: "{caller} is not the credit vault",
  CreditLineTooLow:
    "{account} can draw {drawableUsd} now, not {askedUsd}; deposit collateral or repay",
  CallerNotAuction: "{caller} is not the auction contract",
  AuctionFixed: "The auction contract is {auction} and is set once, to a contract",
  SettlementDecimalsTooMany:
    "The settlement token has {decimals} decimals; the credit vault takes at most {highest}",
  CollateralNotListed: "{asset} is not accepted as collateral",
  CollateralNotPossible:
    "{asset} cannot be listed: it is the settlement token, or {listed} of at most {highest} collaterals are listed",
  CollateralDecimalsTooMany: "{asset} has {decimals} decimals; at most {highest} can be converted",
  CollateralAmountZero: "The amount of {asset} for {account} is zero",
  CollateralAmountMismatch:
    "{asset} moved {receivedNative} where {expectedNative} was asked for; tokens that take a fee are not supported",
  CollateralCapExceeded: "{amount:d18} of {asset} would be deposited in all; the cap is {cap:d18}",
  CollateralTooLow: "{account} has {availableNative} of {asset}, not {askedNative}",
  DebtAboveLine:
    "{account} would owe {debtUsd} where {valueUsd} is lent against its collateral; repay first",
  DeficitUnpaid:
    "{account} left {deficitUsd} of losses to others; its collateral stays until that is repaid",
  NotToWriteOff:
    "{account} owes {debtUsd} with {valueUsd} lent against its collateral; only debt without collateral is written off",
  CollateralTermOutOfBounds:
    "Term {term} of {asset} is {value:term}; it must be from {lowest:term} to {highest:term}",
  RateTermOutOfBounds:
    "Interest term {term} is {value:pct}; it must be from {lowest:pct} to {highest:pct}",
  AccountWithinLine:
    "{account} owes {debtUsd} and {valueUsd} is lent against its collateral; there is nothing to auction",
  NothingToSell: "{account} has no {asset}",
  CollateralPriceNotValid: "The price of {asset} may not be acted on now: {status}",
  AuctionRunning:
    "The auction of {asset} of {account} has been running since {startedAt}; take from it",
  AuctionNotRunning:
    "No auction of {asset} of {account} is running (the last one ended at {expiredAt}); start one",
  AuctionBroken:
    "The price of {asset} was not known for {missingSeconds} of the auction of {account}; start it again",
  AuctionPriceAboveLimit: "The auction's price {price} is above the limit {limitPrice}",
  TakeExpired: "The take was good until {deadline}; it is {timestamp} now",
  ERC4626ExceededMaxWithdraw:
    "{owner} can withdraw {max} now, not {assets}; the rest is lent out or not theirs",
  ERC4626ExceededMaxRedeem:
    "{owner} can redeem {max} shares now, not {shares}; the rest is lent out or not theirs",

  // Lens and test contracts
  PageTooLong: "{count} accounts were asked for; a page has at most {maximum}",
  ReportNotReached:
    "The gas of the call ended before {account}; ask again with fewer accounts or more gas",
  ModuleMissing: "The house has no module {module}: this way is not open here",
  AccountIsOfTheSystem:
    "{account} is a pool or an account of the house; the map shows positions that are liquidated as traders' are",
  BucketsOutOfRange:
    "{count} from {first} on is out of range: what can be asked for ends at {end}, and one answer has at most 1,024",
  ReadFailed: "The read ended without a reason: its gas ended, or a module has no code",
  MintAboveCap: "The faucet gives at most {mintCap} a call, not {amount}",
  BalanceTooLow: "{account:plain} has {balance} of the token, not {needed}",
  AllowanceTooLow: "{spender} may move {allowed} of the token, not {needed}",
  EnforcedPause: "The token is paused: nobody can move it",
  ExpectedPause: "The token is not paused",
  RoundNotFound: "Round {roundId} was never published; the latest is {latestRoundId}",
  PhaseNotFound: "There was no phase {phaseId} of the feed; the latest is {latestPhaseId}",
  PublicationOutOfOrder:
    "A price of {updatedAt:time} cannot be published; the next is of {earliest} to {latest}",
  ReaderIsDenied: "The feed shuts {reader} out",
  ReaderWithoutAccess:
    "{reader} may not read the feed; {accessController} has the list of those who may",
  HostileRevert: "The test feed reverts with data of its own: {padding}",

  // OpenZeppelin: roles and the timelock
  AccessManagedInvalidAuthority: "{authority} is no contract and cannot decide who may do what",
  AccessManagedRequiredDelay:
    "{caller} may do this only {delay:s} after it was scheduled with the access manager",
  AccessManagerAlreadyScheduled: "Operation {operationId} is scheduled already",
  AccessManagerBadConfirmation:
    "A role is renounced by its holder only; the address given for confirmation is not the caller's",
  AccessManagerExpired:
    "Operation {operationId} was not executed in time after it became ready and has expired",
  AccessManagerInvalidInitialAdmin: "{initialAdmin} cannot be the access manager's first admin",
  AccessManagerLockedFunction: "Function {selector} of the access manager is the admin's for good",
  AccessManagerLockedRole:
    "Role {roleId} is that of the admin or of everybody; it cannot be changed",
  AccessManagerNotReady: "The delay of operation {operationId} is not over yet",
  AccessManagerNotScheduled: "Operation {operationId} is not scheduled, or was executed already",
  AccessManagerUnauthorizedCall: "{caller} has not the role that {selector} of {target} asks for",
  AccessManagerUnauthorizedCancel:
    "{msgsender} can cancel the call of {selector} of {target} by {caller} neither as its caller nor as admin or guardian of its role",
  AccessManagerUnauthorizedConsume: "{target} is called outside an operation that is executed",
  OwnableInvalidOwner: "{owner} cannot own the contract",
  OwnableUnauthorizedAccount: "{account:plain} is not the contract's owner",

  // OpenZeppelin: tokens and shares
  ERC20InsufficientAllowance: "{spender} may move {allowance} of the token, not {needed}",
  ERC20InsufficientBalance: "{sender} has {balance} of the token, not {needed}",
  ERC20InvalidApprover: "{approver} cannot approve anything",
  ERC20InvalidReceiver: "{receiver} cannot receive the token",
  ERC20InvalidSender: "{sender} cannot send the token",
  ERC20InvalidSpender: "{spender} cannot be allowed to spend the token",
  ERC4626ExceededMaxDeposit: "{receiver} can have {max} deposited now, not {assets}",
  ERC4626ExceededMaxMint: "{receiver} can be given {max} shares now, not {shares}",
  SafeERC20FailedOperation: "Token {token} refused a transfer or an approval",

  // OpenZeppelin: calls and numbers
  AddressEmptyCode: "There is no contract at {target}",
  FailedCall: "A call to another contract failed without a reason",
  InsufficientBalance: "The contract has {balance} wei and needs {needed}",
  ReentrancyGuardReentrantCall: "The contract was called again while it was still working",
  CheckpointUnorderedInsertion: "A point of the history would be older than the last",
  SafeCastOverflowedIntDowncast: "{value} does not fit {bits} bits",
  SafeCastOverflowedIntToUint: "{value} is negative where only 0 and above can be",
  SafeCastOverflowedUintDowncast: "{value} does not fit {bits} bits",
  SafeCastOverflowedUintToInt: "{value} is too large for a signed number",
  InvalidShortString: "A short text is stored in a way that cannot be read",
  StringTooLong: 'The text "{str}" is longer than the 31 characters that are possible',
};
